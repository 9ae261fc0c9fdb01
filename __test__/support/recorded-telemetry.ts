// Spans and points of one test, in memory.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { InMemorySpanCollector } from "@connectum/testing";
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { DataPointType, type Histogram, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** A reader that is only asked. */
class AskedReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** A point of a histogram. */
export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly sum: number | undefined;
  readonly boundaries: readonly number[];
}

/** Options for an interceptor, and what it has recorded with them. */
export function recordedTelemetry() {
  const collector = new InMemorySpanCollector();
  const reader = new AskedReader();
  const options = {
    ...collector.options,
    meterProvider: new MeterProvider({ readers: [reader] }),
  };
  const spans = () => collector.exporter.getFinishedSpans();
  const metrics = async () => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  };
  return {
    options,
    spans,
    /** Forgets the spans. */
    reset: () => collector.exporter.reset(),
    /** The only span that has ended. */
    span(): ReadableSpan {
      const [span, ...others] = spans();
      assert.equal(others.length, 0, "there is one span");
      return span ?? assert.fail("there is a span");
    },
    /** Name, kind, unit and description of every instrument that has recorded. */
    async instruments(): Promise<string[][]> {
      return (await metrics()).map(({ descriptor, dataPointType }) => {
        const { name, unit, description } = descriptor;
        return [name, DataPointType[dataPointType], unit, description];
      });
    },
    /** The points of a histogram; empty if there is none. */
    async points(name: string): Promise<Point[]> {
      const found = (await metrics()).find(({ descriptor }) => descriptor.name === name);
      return (found?.dataPoints ?? []).map(({ attributes, value }) => {
        const { count, sum, buckets } = value as Histogram;
        return { attributes, count, sum, boundaries: buckets.boundaries };
      });
    },
  };
}

/** Registers what makes spans find their parents, for one test. */
export function useContext(t: TestContext): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
  t.after(() => {
    context.disable();
    propagation.disable();
  });
}

/** The identifiers of a caller, and the header that carries them. */
export const REMOTE = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  header: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
};
