// The comparison of results.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NormalizedMetric, NormalizedSpan } from "@connectum/testing";
import { defaultCompare, type ParityScenarioResult } from "@connectum/testing/parity";

const span = (changes: Partial<NormalizedSpan> = {}): NormalizedSpan => ({
  name: "a",
  kind: 1,
  attributes: { method: "m" },
  events: [],
  status: { code: 0, message: undefined },
  traceId: "1",
  spanId: "2",
  parentSpanId: undefined,
  ...changes,
});
const metric = (changes: Partial<NormalizedMetric> = {}): NormalizedMetric => ({
  name: "size",
  description: "",
  unit: "By",
  type: "0",
  points: [{ attributes: {}, value: { count: 1, sum: 5 } }],
  ...changes,
});
const error = { code: 5, message: "no", details: ["a"], metadata: { a: "1" } };

const RESPONSE = "response payload mismatch between HTTP and local transports";
const ERROR = "error shape mismatch between HTTP and local transports";
const SPANS = "OTEL spans mismatch (after stripping connectum.transport)";
const METRICS = "OTEL metrics mismatch (after stripping transport label)";

/** Some versions of Node append the difference. */
const begins = (message: string) => (error: unknown) =>
  error instanceof assert.AssertionError && error.message.split("\n")[0] === message;

const different: [what: string, http: ParityScenarioResult, local: ParityScenarioResult, message: string][] = [
  ["responses", { response: { a: 1 } }, { response: { a: 2 } }, RESPONSE],
  ["a response on one side", { response: { a: 1 } }, {}, RESPONSE],
  ["responses of another type", { response: 1 }, { response: "1" }, RESPONSE],
  ["an error on one side", {}, { error }, ERROR],
  ["codes", { error }, { error: { ...error, code: 6 } }, ERROR],
  ["messages", { error }, { error: { ...error, message: "yes" } }, ERROR],
  ["details", { error }, { error: { ...error, details: ["b"] } }, ERROR],
  ["metadata", { error }, { error: { ...error, metadata: {} } }, ERROR],
  ["headers", { responseHeaders: { a: "1" } }, {}, "response headers mismatch"],
  ["trailers", { trailers: {} }, { trailers: { a: "1" } }, "trailers mismatch"],
  ["spans on one side", { spans: [] }, {}, SPANS],
  ["the number of spans", { spans: [span()] }, { spans: [span(), span()] }, SPANS],
  ["attributes of spans", { spans: [span()] }, { spans: [span({ attributes: { method: "n" } })] }, SPANS],
  ["whether there is a parent", { spans: [span()] }, { spans: [span({ parentSpanId: "3" })] }, SPANS],
  ["the order of spans", { spans: [span(), span({ name: "b" })] }, { spans: [span({ name: "b" }), span()] }, SPANS],
  ["values of metrics", { metrics: [metric()] }, { metrics: [metric({ points: [] })] }, METRICS],
  [
    "sizes",
    { metrics: [metric()] },
    { metrics: [metric({ points: [{ attributes: {}, value: { count: 1, sum: 6 } }] })] },
    METRICS,
  ],
  [
    "how often a time was measured",
    { metrics: [metric({ unit: "ms" })] },
    { metrics: [metric({ unit: "ms", points: [{ attributes: {}, value: { count: 2, sum: 5 } }] })] },
    METRICS,
  ],
];

for (const [what, http, local, message] of different) {
  // contract: PT-9, PT-10, PT-11, PT-12
  test(`it fails for different results: ${what}`, () => {
    for (const [one, other] of [
      [http, local],
      [local, http],
    ] as const) {
      assert.throws(() => defaultCompare(one, other), begins(message));
    }
  });
}

const way = (protocol: string, address: string) => ({
  method: "m",
  "rpc.system": protocol,
  "server.address": address,
  "network.transport": address,
});
const same: [what: string, http: ParityScenarioResult, local: ParityScenarioResult][] = [
  ["nothing", {}, {}],
  ["equal results", { response: { a: [1] }, error }, { response: { a: [1] }, error: { ...error } }],
  ["no headers, and an empty record", { responseHeaders: {}, trailers: {} }, {}],
  [
    "other identifiers",
    { spans: [span({ parentSpanId: "8" })] },
    { spans: [span({ traceId: "7", spanId: "9", parentSpanId: "6" })] },
  ],
  [
    "another way",
    { spans: [span({ attributes: way("grpc", "localhost") })] },
    { spans: [span({ attributes: way("connect_rpc", "in-memory") })] },
  ],
  [
    "other times",
    { metrics: [metric({ unit: "s", points: [{ attributes: way("grpc", "a"), value: { count: 1, sum: 5 } }] })] },
    { metrics: [metric({ unit: "s", points: [{ attributes: way("b", "c"), value: { count: 1, sum: 9 } }] })] },
  ],
];

for (const [what, http, local] of same) {
  // contract: PT-9, PT-10, PT-11, PT-12
  test(`it passes: ${what}`, () => defaultCompare(http, local));
}

// contract: PT-9
test("the first difference is the one that is told", () => {
  const http = { response: 1, error, trailers: { a: "1" } };
  assert.throws(() => defaultCompare(http, { response: 1 }), begins(ERROR));
});

for (const [result, message] of [
  [{ respons: 1 }, 'defaultCompare: the result of a scenario cannot have "respons". Did you mean "response"?'],
  [
    { xyz: 1 },
    'defaultCompare: the result of a scenario cannot have "xyz". ' +
      "It can have response, responseHeaders, trailers, error, spans, metrics.",
  ],
  [null, "defaultCompare: the result of a scenario must be an object, not null"],
] as const) {
  // contract: PT-can-fail
  test(`it rejects what it would not compare: ${message}`, () => {
    for (const results of [
      [result, {}],
      [{}, result],
    ]) {
      assert.throws(() => Reflect.apply(defaultCompare, undefined, results), { name: "TypeError", message });
    }
  });
}
