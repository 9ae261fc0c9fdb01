// The meter provider of our own.
import { type MeterProvider, metrics } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { metricExportOf } from "../environment/batch-options.ts";
import { type ExporterTerms, metricExporter } from "./exporters.ts";
import { load } from "./load.ts";
import type { StartedSignal } from "./started-signal.ts";

/**
 * Registers a meter provider that exports at intervals.
 *
 * @throws EnvVarError for a wrong variable
 */
export function startMetrics(resource: Resource, terms: ExporterTerms): StartedSignal<MeterProvider> {
  const { MeterProvider, PeriodicExportingMetricReader } = load(
    "@opentelemetry/sdk-metrics",
  ) as typeof import("@opentelemetry/sdk-metrics");
  const intervals = metricExportOf(terms.env);
  // The reader has the same timeout, which begins later: it cannot have a longer one than its interval.
  const { exporter, end, giveUp } = metricExporter(terms, intervals.exportTimeoutMillis);
  const reader = new PeriodicExportingMetricReader({ exporter, ...intervals });
  const provider = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  return {
    provider,
    unregister() {
      if (metrics.getMeterProvider() === provider) metrics.disable();
    },
    shutdown: () => end(() => provider.shutdown()),
    giveUp,
  };
}
