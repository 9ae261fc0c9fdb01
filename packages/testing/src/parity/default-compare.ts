// The comparison of what a scenario observes over HTTP and in process.
import { deepStrictEqual } from "node:assert";
import { isPlainObject, type Keys, nearestName, shown, unknownKeys } from "@connectum/hooks";
import type { NormalizedMetric } from "../telemetry/metric-collector.ts";
import type { NormalizedSpan } from "../telemetry/span-collector.ts";

/** What a scenario has observed. What is absent is not compared. */
export interface ParityScenarioResult {
  response?: unknown;
  responseHeaders?: Record<string, string>;
  trailers?: Record<string, string>;
  error?: { code: number | string; message: string; details?: unknown; metadata?: Record<string, string> };
  spans?: NormalizedSpan[];
  metrics?: NormalizedMetric[];
}

const KEYS = {
  response: true,
  responseHeaders: true,
  trailers: true,
  error: true,
  spans: true,
  metrics: true,
} as const satisfies Keys<ParityScenarioResult>;

/** Attributes that say how a call has travelled: protocol, network, address, and the stack of an error. */
const OF_THE_WAY = new Set([
  "exception.stacktrace",
  "network.peer.address",
  "network.peer.port",
  "network.protocol.name",
  "network.protocol.version",
  "network.transport",
  "rpc.system",
  "rpc.system.name",
  "server.address",
  "server.port",
]);

/**
 * Compares strictly: response, error, headers, trailers, spans, metrics. Not compared are identifiers of spans,
 * attributes that say how a call has travelled, and of histograms of a time all but their counts.
 *
 * @throws AssertionError of `node:assert` for the first difference; TypeError for what is no result, or has a key that
 *   is not compared
 */
export function defaultCompare(http: ParityScenarioResult, local: ParityScenarioResult): void {
  for (const result of [http, local]) checkKeys(result);
  deepStrictEqual(local.response, http.response, "response payload mismatch between HTTP and local transports");
  const texts = {
    error: "error shape mismatch between HTTP and local transports",
    responseHeaders: "response headers mismatch",
    trailers: "trailers mismatch",
    spans: "OTEL spans mismatch (after stripping connectum.transport)",
    metrics: "OTEL metrics mismatch (after stripping transport label)",
  };
  const [one, other] = [comparable(http), comparable(local)];
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    if (http[name] === undefined && local[name] === undefined) continue;
    deepStrictEqual(other[name], one[name], texts[name]);
  }
}

/** A misspelt key would never differ. */
function checkKeys(result: ParityScenarioResult): void {
  if (!isPlainObject(result)) {
    throw new TypeError(`defaultCompare: the result of a scenario must be an object, not ${shown(result)}`);
  }
  const [unknown] = unknownKeys(result, KEYS);
  if (unknown === undefined) return;
  const names = Object.keys(KEYS);
  const nearest = nearestName(unknown, names);
  const right = nearest === undefined ? `It can have ${names.join(", ")}.` : `Did you mean "${nearest}"?`;
  throw new TypeError(`defaultCompare: the result of a scenario cannot have "${unknown}". ${right}`);
}

function comparable({ error, responseHeaders = {}, trailers = {}, spans, metrics }: ParityScenarioResult) {
  return {
    error: error && {
      code: error.code,
      message: error.message,
      details: error.details,
      metadata: error.metadata,
    },
    responseHeaders,
    trailers,
    spans: spans?.map((span) => ({
      name: span.name,
      kind: span.kind,
      attributes: withoutWay(span.attributes),
      events: span.events.map(({ name, attributes }) => ({ name, attributes: withoutWay(attributes) })),
      status: span.status,
      hasParent: span.parentSpanId !== undefined,
    })),
    metrics: metrics?.map((metric) => ({
      ...metric,
      points: metric.points.map(({ attributes, value }) => ({
        attributes: withoutWay(attributes),
        value: isOfTime(metric) ? countOf(value) : value,
      })),
    })),
  };
}

function withoutWay(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !OF_THE_WAY.has(key)));
}

/** Units of UCUM, which OpenTelemetry uses. */
function isOfTime({ unit }: NormalizedMetric): boolean {
  return ["s", "ms", "us", "ns"].includes(unit);
}

/** No two calls take the same time. */
function countOf(value: unknown): unknown {
  const count: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "count") : undefined;
  return count === undefined ? value : { count };
}
