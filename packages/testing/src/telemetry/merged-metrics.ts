// Several exports of the same metrics as one. The exports have what was recorded after the one before (temporality
// "delta"), so a program that asks twice gets a metric in two parts.
import {
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { sortedWithout, TRANSPORT_METRIC_ATTRIBUTE } from "./normalized.ts";

type Value = number | Histogram | ExponentialHistogram;

interface Point {
  readonly attributes: Record<string, unknown>;
  readonly value: Value;
}

interface MergedMetric {
  readonly descriptor: MetricDescriptor;
  readonly type: DataPointType;
  readonly points: readonly Point[];
}

/**
 * Each metric of a scope once, with one point for each combination of attributes without `transport`: sums and
 * histograms are added, of gauges the last point counts.
 */
export function mergedMetrics(exports: readonly ResourceMetrics[]): MergedMetric[] {
  const all = new Map<string, { metric: MetricData; points: Map<string, Point> }>();
  for (const { scope, metric } of exports.flatMap(scoped)) {
    const { descriptor, dataPointType: type } = metric;
    const key = JSON.stringify([scope, descriptor, type]);
    const { points } = all.get(key) ?? { points: new Map<string, Point>() };
    all.set(key, { metric, points });
    for (const { attributes: given, value } of metric.dataPoints) {
      const attributes = sortedWithout(given, TRANSPORT_METRIC_ATTRIBUTE);
      const id = JSON.stringify(attributes);
      const before = points.get(id);
      points.set(id, { attributes, value: before === undefined ? value : merged(type, before.value, value) });
    }
  }
  return [...all.values()].map(({ metric, points }) => ({
    descriptor: metric.descriptor,
    type: metric.dataPointType,
    points: [...points.values()],
  }));
}

function scoped({ scopeMetrics }: ResourceMetrics) {
  return scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ scope, metric })));
}

/** @throws Error for exponential histograms, which need a view that this package does not make */
function merged(type: DataPointType, before: Value, value: Value): Value {
  switch (type) {
    case DataPointType.GAUGE:
      return value;
    case DataPointType.SUM:
      return (before as number) + (value as number);
    case DataPointType.HISTOGRAM:
      return mergedHistogram(before as Histogram, value as Histogram);
    default: {
      const right = "call reset() after each flush(), and record calls of one transport";
      throw new Error(`exponential histograms of several exports or transports cannot be merged: ${right}`);
    }
  }
}

function mergedHistogram(before: Histogram, value: Histogram): Histogram {
  const { boundaries, counts } = value.buckets;
  return {
    ...value,
    ...defined({
      sum: sumOf(before.sum, value.sum),
      min: bound(Math.min, before.min, value.min),
      max: bound(Math.max, before.max, value.max),
    }),
    count: before.count + value.count,
    buckets: { boundaries, counts: counts.map((count, index) => count + (before.buckets.counts[index] ?? 0)) },
  };
}

/** Instruments that can go down have no sum. */
function sumOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

function bound(choose: (...values: number[]) => number, one?: number, other?: number): number | undefined {
  return one === undefined || other === undefined ? undefined : choose(one, other);
}

function defined(values: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
