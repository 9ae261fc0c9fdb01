// Metrics in memory.
import { diag } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { by } from "../order/by.ts";
import { mergedMetrics } from "./merged-metrics.ts";

/** A metric, without its times, resource and scope. */
export interface NormalizedMetric {
  name: string;
  description: string;
  unit: string;
  /** A `DataPointType` of the SDK: `"0"` is a histogram, `"2"` a gauge, `"3"` a sum. */
  type: string;
  /**
   * One for each combination of attributes, which come by their keys in order and without `transport`. What differs in
   * that only is one point: sums and histograms are added, of gauges the last one counts, in the order in which they
   * came to be.
   */
  points: Array<{ attributes: Record<string, unknown>; value: unknown }>;
}

/** `flush()` does not wait for it. The timer does not keep the process alive. */
const INTERVAL_MS = 60_000;

/**
 * The metrics of one test, of a provider that is registered nowhere:
 *
 * ```ts
 * const metrics = new InMemoryMetricCollector();
 * const interceptors = [createOtelInterceptor({ ...metrics.options, withoutTracing: true })];
 * ```
 */
export class InMemoryMetricCollector {
  readonly exporter: InMemoryMetricExporter;
  readonly provider: MeterProvider;
  readonly reader: PeriodicExportingMetricReader;
  /** For interceptors of `@connectum/otel`, and others with this option. */
  readonly options: { readonly meterProvider: MeterProvider };
  #isDisposed = false;

  constructor() {
    this.exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
    this.reader = new PeriodicExportingMetricReader({
      exporter: this.exporter,
      exportIntervalMillis: INTERVAL_MS,
      exportTimeoutMillis: INTERVAL_MS / 2,
    });
    this.provider = new MeterProvider({ readers: [this.reader] });
    this.options = { meterProvider: this.provider };
  }

  /**
   * What has been recorded since the last `reset()`, by the names of metrics: each metric once, and each combination of
   * its attributes once, however often this is called.
   */
  async flush(): Promise<NormalizedMetric[]> {
    await this.#collect();
    const metrics = mergedMetrics(this.exporter.getMetrics()).map(({ descriptor, type, points }) => ({
      name: descriptor.name,
      description: descriptor.description,
      unit: descriptor.unit,
      type: `${type}`,
      points: points
        .map(({ attributes, value }) => ({ attributes, value }))
        .sort(by(({ attributes }) => JSON.stringify(attributes))),
    }));
    return metrics.sort(by(({ name }) => name));
  }

  /** Forgets what has been exported; what was recorded after the last `flush()` is in the next one. */
  reset(): void {
    this.exporter.reset();
  }

  /** Shuts the provider down. What is recorded later is lost. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.provider.shutdown();
  }

  /** As the reader's `forceFlush()`, which waits for timers: a test may have replaced those. */
  async #collect(): Promise<void> {
    if (this.#isDisposed) return;
    const { resourceMetrics, errors } = await this.reader.collect();
    for (const error of errors) diag.error("InMemoryMetricCollector: a callback failed", error);
    this.exporter.export(resourceMetrics, () => {});
  }
}
