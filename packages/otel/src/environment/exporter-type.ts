// The exporters that a signal may have.

/** Where the data of a signal goes. */
export const ExporterType = {
  /** Printed by the console. */
  CONSOLE: "console",
  /** OTLP over HTTP: protobuf, or JSON if the protocol variable says `http/json`. */
  OTLP_HTTP: "otlp/http",
  /** OTLP over gRPC. */
  OTLP_GRPC: "otlp/grpc",
  /** Nowhere. */
  NONE: "none",
} as const;

export type ExporterType = (typeof ExporterType)[keyof typeof ExporterType];

/** The three kinds of telemetry. */
export type Signal = "traces" | "metrics" | "logs";

export const SIGNALS: readonly Signal[] = ["traces", "metrics", "logs"];
