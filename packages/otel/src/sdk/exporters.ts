// The exporter of each signal. Where it sends to, and with which headers, it reads from the environment itself.
import type { LogRecordExporter } from "@opentelemetry/sdk-logs";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import { ExporterType, type Signal } from "../environment/exporter-type.ts";
import { otlpProtocolOf } from "../environment/otlp-protocol.ts";
import type { Environment } from "../environment/variables.ts";
import type { Exporter } from "./exporter.ts";
import { inTurns } from "./in-turns.ts";
import { load } from "./load.ts";
import { reportingOutages } from "./reporting-outages.ts";

/** An exporter that does something. */
export type ActiveExporterType = Exclude<ExporterType, "none">;

/** How an exporter is made. */
export interface ExporterTerms {
  readonly type: ActiveExporterType;
  readonly env: Environment;
  /** How many exports may be under way at once. */
  readonly concurrencyLimit: number;
}

export function spanExporter(terms: ExporterTerms): SpanExporter {
  return exporterOf("traces", terms) as SpanExporter;
}

export function metricExporter(terms: ExporterTerms): PushMetricExporter {
  return exporterOf("metrics", terms) as PushMetricExporter;
}

export function logExporter(terms: ExporterTerms): LogRecordExporter {
  return exporterOf("logs", terms) as LogRecordExporter;
}

/** What packages and classes call each signal. */
const NAMES = {
  traces: {
    otlp: "trace",
    sdk: "@opentelemetry/sdk-trace-base",
    console: "ConsoleSpanExporter",
    class: "OTLPTraceExporter",
  },
  metrics: {
    otlp: "metrics",
    sdk: "@opentelemetry/sdk-metrics",
    console: "ConsoleMetricExporter",
    class: "OTLPMetricExporter",
  },
  logs: { otlp: "logs", sdk: "@opentelemetry/sdk-logs", console: "ConsoleLogRecordExporter", class: "OTLPLogExporter" },
} as const satisfies Record<Signal, object>;

function exporterOf(signal: Signal, { type, env, concurrencyLimit }: ExporterTerms): Exporter {
  const names = NAMES[signal];
  if (type === ExporterType.CONSOLE) return make(names.sdk, names.console);
  const packageName = `@opentelemetry/exporter-${names.otlp}-otlp-${encodingOf(signal, type, env)}`;
  const exporter = make(packageName, names.class, { concurrencyLimit });
  return reportingOutages(inTurns(exporter, concurrencyLimit), signal);
}

/** As the packages are named: `http` is JSON. */
function encodingOf(signal: Signal, type: ActiveExporterType, env: Environment): "grpc" | "http" | "proto" {
  if (type === ExporterType.OTLP_GRPC) return "grpc";
  return otlpProtocolOf(env, signal) === "http/json" ? "http" : "proto";
}

function make(packageName: string, className: string, ...given: unknown[]): Exporter {
  const module = load(packageName) as Record<string, new (...given: unknown[]) => Exporter>;
  const Class = module[className];
  if (Class === undefined) throw new Error(`${packageName} has no ${className}`);
  return new Class(...given);
}
