// How spans and log records are collected before they are exported, and how often metrics are.
import process from "node:process";
import { MAX_TIMER_MS } from "@connectum/hooks";
import { type Environment, integerOf } from "./variables.ts";

/** Shape of a batch of spans or log records. Times are in milliseconds. */
export interface BatchSpanProcessorOptions {
  maxExportBatchSize: number;
  maxQueueSize: number;
  scheduledDelayMillis: number;
  exportTimeoutMillis: number;
}

/**
 * `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` (default 100), `OTEL_BSP_MAX_QUEUE_SIZE` (1,000), `OTEL_BSP_SCHEDULE_DELAY`
 * (1,000 ms) and `OTEL_BSP_EXPORT_TIMEOUT` (10,000 ms).
 *
 * @throws EnvVarError unless each is an integer of at least 0
 */
export function getBatchSpanProcessorOptions(): BatchSpanProcessorOptions {
  return spanBatchOf(process.env);
}

export function spanBatchOf(env: Environment): BatchSpanProcessorOptions {
  return batchOf(env, "OTEL_BSP", { size: 100, queue: 1_000, delayMs: 1_000, timeoutMs: 10_000 });
}

/** The same of log records: `OTEL_BLRP_*`, with the defaults of the specification: 512, 2,048, 1,000 ms, 30,000 ms. */
export function logBatchOf(env: Environment): BatchSpanProcessorOptions {
  return batchOf(env, "OTEL_BLRP", { size: 512, queue: 2_048, delayMs: 1_000, timeoutMs: 30_000 });
}

/** Later than our own limit, which reports it: the SDK writes a line for each export. */
const SDK_LATER_MS = 1_000;

/**
 * The same for the SDK. For it 0 is not few: a batch of none never ends, and a queue of none loses everything; both are
 * at least 1. Its timeout is later than ours.
 */
export function forSdk(options: BatchSpanProcessorOptions): BatchSpanProcessorOptions {
  const { maxExportBatchSize, maxQueueSize, exportTimeoutMillis } = options;
  return {
    ...options,
    maxExportBatchSize: Math.max(1, maxExportBatchSize),
    maxQueueSize: Math.max(1, maxQueueSize),
    exportTimeoutMillis: Math.min(MAX_TIMER_MS, exportTimeoutMillis + SDK_LATER_MS),
  };
}

interface BatchDefaults {
  readonly size: number;
  readonly queue: number;
  readonly delayMs: number;
  readonly timeoutMs: number;
}

function batchOf(env: Environment, prefix: string, defaults: BatchDefaults): BatchSpanProcessorOptions {
  return {
    maxExportBatchSize: integerOf(env, `${prefix}_MAX_EXPORT_BATCH_SIZE`, defaults.size),
    maxQueueSize: integerOf(env, `${prefix}_MAX_QUEUE_SIZE`, defaults.queue),
    scheduledDelayMillis: integerOf(env, `${prefix}_SCHEDULE_DELAY`, defaults.delayMs),
    exportTimeoutMillis: integerOf(env, `${prefix}_EXPORT_TIMEOUT`, defaults.timeoutMs),
  };
}

/** When metrics are exported. Times are in milliseconds. */
export interface MetricExportOptions {
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
}

/**
 * `OTEL_METRIC_EXPORT_INTERVAL`, default 10,000 ms; `OTEL_METRIC_EXPORT_TIMEOUT`, default 30,000 ms. The timeout is at
 * most the interval, as the SDK demands.
 *
 * @throws EnvVarError unless each is an integer of at least 0
 */
export function metricExportOf(env: Environment): MetricExportOptions {
  // The SDK rejects 0.
  const interval = Math.max(1, integerOf(env, "OTEL_METRIC_EXPORT_INTERVAL", 10_000));
  const timeout = Math.max(1, integerOf(env, "OTEL_METRIC_EXPORT_TIMEOUT", 30_000));
  return { exportIntervalMillis: interval, exportTimeoutMillis: Math.min(timeout, interval) };
}
