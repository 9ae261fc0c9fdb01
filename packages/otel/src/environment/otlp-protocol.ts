// How OTLP is spoken, by OTEL_EXPORTER_OTLP_PROTOCOL and the variables of single signals.
import { endpointOf } from "./endpoint.ts";
import type { Signal } from "./exporter-type.ts";
import { choiceOf, type Environment } from "./variables.ts";

const PROTOCOLS = ["grpc", "http/protobuf", "http/json"] as const;

export type OtlpProtocol = (typeof PROTOCOLS)[number];

/** The port that collectors have for gRPC. */
const GRPC_PORT = "4317";

/**
 * The protocol of a signal: its own variable, else that of all, else `grpc` if the port of the endpoint is 4317, and
 * `http/protobuf` otherwise.
 *
 * @throws EnvVarError for a protocol or an endpoint that is none
 */
export function otlpProtocolOf(env: Environment, signal: Signal): OtlpProtocol {
  const endpoint = endpointOf(env, signal);
  const own = choiceOf(env, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`, PROTOCOLS);
  const general = choiceOf(env, "OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOLS);
  return own ?? general ?? (endpoint?.port === GRPC_PORT ? "grpc" : "http/protobuf");
}
