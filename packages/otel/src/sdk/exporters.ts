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

/** An exporter, and how it ends. */
export interface Started<E> {
  readonly exporter: E;
  /** Shuts the provider of the exporter down. Rejects if an export fails meanwhile. */
  end(shutdown: () => Promise<void>): Promise<void>;
  /** Fails what is under way, and all that follows: whoever waits for it stops. */
  giveUp(): void;
}

/** @param timeoutMs how long an export may take */
export function spanExporter(terms: ExporterTerms, timeoutMs: number): Started<SpanExporter> {
  return exporterOf<SpanExporter>("traces", terms, timeoutMs);
}

/** @param timeoutMs how long an export may take */
export function metricExporter(terms: ExporterTerms, timeoutMs: number): Started<PushMetricExporter> {
  return exporterOf<PushMetricExporter>("metrics", terms, timeoutMs);
}

/** @param timeoutMs how long an export may take */
export function logExporter(terms: ExporterTerms, timeoutMs: number): Started<LogRecordExporter> {
  return exporterOf<LogRecordExporter>("logs", terms, timeoutMs);
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

/** The caller names the type that the class of the signal has. */
function exporterOf<E>(signal: Signal, { type, env, concurrencyLimit }: ExporterTerms, timeoutMs: number): Started<E> {
  const names = NAMES[signal];
  if (type === ExporterType.CONSOLE) {
    return { exporter: make(names.sdk, names.console) as E, end: (shutdown) => shutdown(), giveUp() {} };
  }
  const packageName = `@opentelemetry/exporter-${names.otlp}-otlp-${encodingOf(signal, type, env)}`;
  const exporter = make(packageName, names.class, { concurrencyLimit });
  // The exporter itself, as readers of metrics look at its other methods.
  const giveUp = inTurns(exporter, { limit: concurrencyLimit, timeoutMs });
  const end = reportingOutages(exporter, signal);
  return { exporter: exporter as E, end, giveUp };
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
