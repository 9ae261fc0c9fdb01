// Where the collector is, by OTEL_EXPORTER_OTLP_ENDPOINT and the variables of single signals.
import { EnvVarError } from "./env-var-error.ts";
import type { Signal } from "./exporter-type.ts";
import { type Environment, textOf } from "./variables.ts";

export const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** The endpoint of a signal: its own, else that of all. Undefined if neither is set. */
export function endpointOf(env: Environment, signal: Signal): URL | undefined {
  return urlOf(env, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`) ?? urlOf(env, ENDPOINT);
}

/** @throws EnvVarError unless it is an `http:` or `https:` URL */
export function urlOf(env: Environment, variable: string): URL | undefined {
  const value = textOf(env, variable);
  if (value === undefined) return undefined;
  // Without this, "localhost:4317" would be a URL whose scheme is "localhost".
  if (/^https?:\/\/./i.test(value) && URL.canParse(value)) return new URL(value);
  throw new EnvVarError(variable, "a URL such as http://localhost:4318", value);
}
