// The exporter of each signal, as the environment says.
import process from "node:process";
import { endpointOf } from "./endpoint.ts";
import { ExporterType, type Signal } from "./exporter-type.ts";
import { otlpProtocolOf } from "./otlp-protocol.ts";
import { choiceOf, type Environment } from "./variables.ts";

/** The exporter of each signal. */
export interface OTLPSettings {
  traces: ExporterType;
  metrics: ExporterType;
  logs: ExporterType;
}

const CHOICES = ["console", "otlp", "otlp/http", "otlp/grpc", "none"] as const;

/**
 * The exporters that `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` and `OTEL_LOGS_EXPORTER` name. Unset is `none`, or
 * `otlp` if an endpoint is set. `otlp` is resolved to `otlp/grpc` or `otlp/http`, by the protocol. With
 * `OTEL_SDK_DISABLED=true` all are `none`.
 *
 * @throws EnvVarError for an exporter, protocol or endpoint that is none
 */
export function getOTLPSettings(): OTLPSettings {
  return otlpSettingsOf(process.env);
}

export function otlpSettingsOf(env: Environment): OTLPSettings {
  return { traces: exporterOf(env, "traces"), metrics: exporterOf(env, "metrics"), logs: exporterOf(env, "logs") };
}

/** Whether `OTEL_SDK_DISABLED` is `true`, in any case. */
export function isDisabled(env: Environment): boolean {
  return env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true";
}

function exporterOf(env: Environment, signal: Signal): ExporterType {
  const chosen = choiceOf(env, `OTEL_${signal.toUpperCase()}_EXPORTER`, CHOICES);
  // Read in any case: a wrong one is an error now, not when somebody sets the exporter.
  const protocol = otlpProtocolOf(env, signal);
  const exporter = chosen ?? (endpointOf(env, signal) === undefined ? "none" : "otlp");
  if (isDisabled(env)) return ExporterType.NONE;
  if (exporter !== "otlp") return exporter;
  return protocol === "grpc" ? ExporterType.OTLP_GRPC : ExporterType.OTLP_HTTP;
}
