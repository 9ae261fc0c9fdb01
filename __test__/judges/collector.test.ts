// The OpenTelemetry Collector: what it gets of the production example by each protocol of OTLP is what is promised.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Greeter, GreetRequestSchema, GreetResponseSchema } from "../../examples/hello/gen/greeter_pb.ts";
import { certificate, certificatePath } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Attributes,
  attributesOf,
  type OtlpLogs,
  type OtlpMetrics,
  type OtlpTraces,
} from "../support/otlp-json.ts";
import { freePort } from "../support/ports.ts";
import { startFile } from "../support/program.ts";
import { REMOTE } from "../support/recorded-telemetry.ts";
import { type CollectorProcess, startCollector } from "./collector-process.ts";
import { FAULT, NOBODY } from "./logged-greeter.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The numbers of OTLP. */
const [INTERNAL, SERVER] = [1, 2];
const [UNSET, OK, ERROR] = [undefined, 1, 2];
const CUMULATIVE = 2;
const WARN = 13;

/** One call: its names, what is greeted back, and how it fails. */
interface Call {
  readonly method: "Greet" | "GreetAllDay" | "GreetTogether" | "GreetEach";
  readonly names: readonly string[];
  readonly greetings: readonly string[];
  /** What spans and points say, whether the span is an error, and what the exception is. */
  readonly failure?: { attributes: Attributes; isError: boolean; exception: [type: string, message: string] };
  /** How the look-up of the name ends, which is a span of its own; undefined if there is none. */
  readonly lookUp?: typeof OK | typeof ERROR;
}

const notFound = {
  attributes: { "error.type": "NOT_FOUND", "rpc.connect_rpc.status_code": 5 },
  isError: false,
  exception: ["ConnectError", "[not_found] there is nobody"] as [string, string],
};

const CALLS: readonly Call[] = [
  { method: "Greet", names: ["Ada"], greetings: ["Hello, Ada!"], lookUp: OK },
  { method: "Greet", names: [NOBODY], greetings: [], failure: notFound, lookUp: ERROR },
  {
    method: "Greet",
    names: [FAULT],
    greetings: [],
    failure: { attributes: { "error.type": "TypeError" }, isError: true, exception: ["TypeError", "a fault"] },
    lookUp: ERROR,
  },
  { method: "GreetAllDay", names: ["Ada"], greetings: ["Good morning, Ada!", "Good evening, Ada!"], lookUp: OK },
  {
    method: "GreetAllDay",
    names: [NOBODY],
    greetings: [`Good morning, ${NOBODY}!`],
    failure: notFound,
    lookUp: ERROR,
  },
  { method: "GreetTogether", names: ["Ada", "Charles"], greetings: ["Hello, Ada and Charles!"] },
  { method: "GreetEach", names: ["Ada", "Charles"], greetings: ["Hello, Ada!", "Hello, Charles!"] },
];

const SERVICE = "hello.v1.Greeter";
const LOOK_UPS = CALLS.filter(({ lookUp }) => lookUp !== undefined).length;

/** By the names of version 1.2. */
const baseOf = (method: string): Attributes => ({
  "rpc.system": "grpc",
  "rpc.service": SERVICE,
  "rpc.method": method,
  "server.address": hostname(),
  "network.protocol.name": "grpc",
  "network.transport": "tcp",
});

const RESOURCE = {
  "service.name": "my-service",
  "service.version": "1.2.3",
  "deployment.environment.name": "a test",
  "telemetry.sdk.language": "nodejs",
  "telemetry.sdk.name": "opentelemetry",
};
const SCOPE = { name: "my-service", version: "1.2.3" };

for (const protocol of ["grpc", "http/protobuf", "http/json"]) {
  test(`the production example by ${protocol}: spans, points and records are as promised`, {
    timeout: 60_000,
  }, async (t) => {
    const collector = await startCollector(t, protocol === "grpc" ? "grpc" : "http");
    const { program, port } = await startProduction(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    const nodeOptions = { ca: certificate("ca.crt") };
    const client = createClient(Greeter, createGrpcTransport({ baseUrl: `https://localhost:${port}`, nodeOptions }));
    for (const call of CALLS) await make(client, call, call === CALLS[0] ? REMOTE.header : {});

    await eventually(() => spansIn(collector).length >= CALLS.length + LOOK_UPS, "all spans are written");
    await eventually(() => countOf(collector) >= CALLS.length, "all points are written");
    await eventually(() => recordsIn(collector).length >= 1, "the record is written");
    checkSpans(collector);
    checkPoints(collector);
    checkRecords(collector);

    program.kill("SIGTERM");
    const { code, signal, stderr } = await program.exited;
    assert.deepEqual([code, signal], [0, null]);
    // The interceptors log the failed calls there.
    assert.doesNotMatch(stderr, /connectum.otel|OTLP/);
  });
}

/** The example in a project of its own, unchanged, with the handlers of this judge. */
async function startProduction(t: TestContext, env: NodeJS.ProcessEnv) {
  const project = mkdtempSync(join(tmpdir(), "connectum-collector-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  for (const file of ["production.ts", "stores.ts"]) {
    cpSync(join(root, "examples/quickstart", file), join(project, file));
  }
  const handlers = new URL("./logged-greeter.ts", import.meta.url).href;
  writeFileSync(join(project, "routes.ts"), `export { default } from ${JSON.stringify(handlers)};\n`);
  const imports = { "#gen/routes.js": "./routes.ts" };
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module", imports }));
  const port = await freePort();
  const program = startFile(t, join(project, "production.ts"), [], {
    LISTEN: "127.0.0.1",
    PORT: `${port}`,
    TLS_CERT: certificatePath("server.crt"),
    TLS_KEY: certificatePath("server.key"),
    OTEL_SERVICE_VERSION: RESOURCE["service.version"],
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%20test",
    // Soon, as nothing is left to be exported when the example ends.
    OTEL_BSP_SCHEDULE_DELAY: "50",
    OTEL_BLRP_SCHEDULE_DELAY: "50",
    OTEL_METRIC_EXPORT_INTERVAL: "200",
    ...env,
  });
  await program.line(new RegExp(`^Server ready at ${port}$`));
  return { program, port };
}

/** Makes a call, and checks its outcome. */
async function make(
  client: ReturnType<typeof createClient<typeof Greeter>>,
  { method, names, greetings, failure }: Call,
  headers: Record<string, string>,
): Promise<void> {
  const [name = ""] = names;
  const all = async function* () {
    for (const one of names) yield { name: one };
  };
  const collect = async (responses: AsyncIterable<{ greeting: string }>) => {
    const collected = [];
    for await (const { greeting } of responses) collected.push(greeting);
    return collected;
  };
  const calls = {
    Greet: async () => [(await client.greet({ name }, { headers })).greeting],
    GreetAllDay: () => collect(client.greetAllDay({ name }, { headers })),
    GreetTogether: async () => [(await client.greetTogether(all(), { headers })).greeting],
    GreetEach: () => collect(client.greetEach(all(), { headers })),
  };
  if (failure !== undefined) return assert.rejects(calls[method](), ConnectError);
  assert.deepEqual(await calls[method](), greetings);
}

/** As they began. */
function spansIn(collector: CollectorProcess) {
  const resources = collector.written<OtlpTraces>("traces").flatMap(({ resourceSpans }) => resourceSpans);
  const spans = resources.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((one) => one.spans.map((span) => ({ ...span, resource, scope: one.scope }))),
  );
  return spans.sort((a, b) => secondsBetween(b.startTimeUnixNano, a.startTimeUnixNano));
}

function secondsBetween(start: string, end: string): number {
  return Number(BigInt(end) - BigInt(start)) / 1e9;
}

function checkSpans(collector: CollectorProcess): void {
  const spans = spansIn(collector);
  for (const { resource, scope } of spans) checkOrigin(resource, scope);
  const calls = spans.filter(({ kind }) => kind === SERVER);
  assert.deepEqual(
    calls.map(({ name }) => name),
    CALLS.map(({ method }) => `${SERVICE}/${method}`),
  );
  // Nobody trusts the caller: each is the root of a trace of its own.
  assert.equal(new Set([...calls.map(({ traceId }) => traceId), REMOTE.traceId]).size, CALLS.length + 1);
  for (const [index, call] of CALLS.entries()) {
    const span = calls[index] ?? assert.fail("there is a span for each call");
    const { method, failure, lookUp } = call;
    assert.deepEqual(
      [span.parentSpanId ?? "", (span.links ?? []).map(({ traceId, spanId }) => [traceId, spanId])],
      ["", index === 0 ? [[REMOTE.traceId, REMOTE.spanId]] : []],
    );
    const { "network.peer.port": peerPort, ...attributes } = attributesOf(span.attributes);
    assert.ok(Number(peerPort) > 0);
    assert.deepEqual(attributes, {
      ...baseOf(method),
      "network.peer.address": "127.0.0.1",
      "network.protocol.version": "2",
      "connectum.transport": "http",
      ...failure?.attributes,
    });
    const { type, message } = exceptionOf(span.events);
    assert.deepEqual([type, message], failure?.exception ?? [undefined, undefined]);
    const { code, message: text = "" } = span.status ?? {};
    assert.deepEqual([code, text], failure?.isError === true ? [ERROR, failure.exception[1]] : [UNSET, ""]);

    const inner = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
    assert.deepEqual(
      inner.map(({ name, kind, traceId, status }) => [name, kind, traceId, status?.code]),
      lookUp === undefined ? [] : [["look up", INTERNAL, span.traceId, lookUp]],
    );
  }
  assert.equal(spans.length, CALLS.length + LOOK_UPS);
}

/** The newest point of each set of attributes: they count from the beginning. */
function pointsIn(collector: CollectorProcess, name: string) {
  const found = new Map<string, { attributes: Attributes; count: number; sum: number; bounds: readonly number[] }>();
  for (const { resourceMetrics } of collector.written<OtlpMetrics>("metrics")) {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      for (const { scope, metrics } of scopeMetrics) {
        checkOrigin(resource, scope);
        const { histogram, unit } = metrics.find((metric) => metric.name === name) ?? {};
        if (histogram === undefined) continue;
        assert.equal(unit, name.endsWith(".size") ? "By" : "s");
        assert.equal(histogram.aggregationTemporality, CUMULATIVE);
        for (const point of histogram.dataPoints) {
          const attributes = attributesOf(point.attributes);
          const { count, sum, explicitBounds: bounds } = point;
          found.set(JSON.stringify(attributes), { attributes, count: Number(count), sum, bounds });
        }
      }
    }
  }
  return [...found.values()];
}

/** How many calls the durations have. */
function countOf(collector: CollectorProcess): number {
  return pointsIn(collector, "rpc.server.call.duration").reduce((sum, { count }) => sum + count, 0);
}

function checkPoints(collector: CollectorProcess): void {
  const expected = (bytesOf: (call: Call) => number) =>
    CALLS.map((call) => ({
      attributes: { ...baseOf(call.method), transport: "http", ...call.failure?.attributes },
      count: 1,
      sum: bytesOf(call),
    }));
  const sizes = (what: string) =>
    pointsIn(collector, `rpc.server.${what}.size`).map(({ attributes, count, sum }) => ({ attributes, count, sum }));
  assert.deepEqual(sizes("request"), expected(requestBytes));
  assert.deepEqual(sizes("response"), expected(responseBytes));
  const durations = pointsIn(collector, "rpc.server.call.duration");
  assert.deepEqual(
    durations.map(({ attributes, count }) => ({ attributes, count, sum: 0 })),
    expected(() => 0),
  );
  const spans = spansIn(collector).filter(({ kind }) => kind === SERVER);
  for (const [index, { sum, bounds }] of durations.entries()) {
    const { startTimeUnixNano = "", endTimeUnixNano = "" } = spans[index] ?? {};
    const took = secondsBetween(startTimeUnixNano, endTimeUnixNano);
    assert.ok(sum > 0 && Math.abs(sum - took) < 0.1, `a call took ${sum} s, its span ${took} s`);
    assert.deepEqual(bounds, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
  }
}

const requestBytes = ({ names }: Call) =>
  names.reduce((sum, name) => sum + toBinary(GreetRequestSchema, create(GreetRequestSchema, { name })).length, 0);
const responseBytes = ({ greetings }: Call) =>
  greetings.reduce(
    (sum, greeting) => sum + toBinary(GreetResponseSchema, create(GreetResponseSchema, { greeting })).length,
    0,
  );

function recordsIn(collector: CollectorProcess) {
  const resources = collector.written<OtlpLogs>("logs").flatMap(({ resourceLogs }) => resourceLogs);
  return resources.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) => logRecords.map((record) => ({ ...record, resource, scope }))),
  );
}

/** The one record, in the span of the first call. */
function checkRecords(collector: CollectorProcess): void {
  const [record, ...others] = recordsIn(collector);
  assert.equal(others.length, 0);
  assert.ok(record);
  checkOrigin(record.resource, record.scope);
  const [greet] = spansIn(collector).filter(({ links = [] }) => links.length > 0);
  const { severityNumber, severityText, body, traceId, spanId, attributes } = record;
  assert.deepEqual(
    { severityNumber, severityText, body, traceId, spanId, attributes: attributesOf(attributes) },
    {
      severityNumber: WARN,
      severityText: "WARN",
      body: { stringValue: "greeted" },
      traceId: greet?.traceId,
      spanId: greet?.spanId,
      attributes: { "logger.name": "greeter", "greeting.name": "Ada" },
    },
  );
}

function checkOrigin(resource: OtlpTraces["resourceSpans"][0]["resource"], scope: object): void {
  const { "telemetry.sdk.version": version, ...others } = attributesOf(resource.attributes);
  assert.match(`${version}`, /^2\.\d+\.\d+$/);
  assert.deepEqual(others, RESOURCE);
  assert.deepEqual(scope, SCOPE);
}

/** Of the only event, if there is one. */
function exceptionOf(events: OtlpTraces["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["events"] = []) {
  assert.ok(events.length <= 1 && events.every(({ name }) => name === "exception"));
  const { "exception.type": type, "exception.message": message } = attributesOf(events[0]?.attributes);
  return { type, message };
}
