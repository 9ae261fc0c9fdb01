// What exporters know of the collector.
import process from "node:process";
import { ENDPOINT, urlOf } from "./endpoint.ts";
import { type Environment, textOf } from "./variables.ts";

export interface CollectorOptions {
  /** How many exports of a signal may be under way at once: 10. */
  concurrencyLimit: number;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`, without a slash at its end. */
  url: string | undefined;
}

/** @throws EnvVarError for an endpoint that is no URL */
export function getCollectorOptions(): CollectorOptions {
  return collectorOptionsOf(process.env);
}

export function collectorOptionsOf(env: Environment): CollectorOptions {
  urlOf(env, ENDPOINT);
  return { concurrencyLimit: 10, url: textOf(env, ENDPOINT)?.replace(/\/$/, "") };
}
