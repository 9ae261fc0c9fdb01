// The interceptor of @connectum/otel with everything that it records by default: a span, and a point in each of three
// histograms. connectum and connect-node use the same one. Spans are dropped when they end, and points are not read, as
// exporting costs the same whoever records.
import type { Interceptor } from "@connectrpc/connect";
import { createOtelInterceptor } from "@connectum/otel";
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { metricsByHand, spansByHand } from "./telemetry-by-hand.ts";

export const droppingSpans: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** Metrics that nobody reads. */
export function unreadMetrics(): MeterProvider {
  return new MeterProvider({ readers: [new UnreadReader()] });
}

class UnreadReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** Registers what an SDK registers: a context manager, and the propagators of Trace Context and Baggage. */
export function registerContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
}

export function telemetry(): Interceptor[] {
  registerContext();
  return [createOtelInterceptor({ tracerProvider: droppedSpans(), meterProvider: unreadMetrics() })];
}

/** What it costs at least. */
export function telemetryByHand(): Interceptor[] {
  registerContext();
  return [metricsByHand(unreadMetrics().getMeter("bench")), spansByHand(droppedSpans().getTracer("bench"))];
}

function droppedSpans(): BasicTracerProvider {
  return new BasicTracerProvider({ spanProcessors: [droppingSpans] });
}
