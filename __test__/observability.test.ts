// docs/guide/observability.md: the names in its tables are those that are emitted, its first program is traced, and the
// queries of its dashboard are for metrics and labels that there are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  createOtelClientInterceptor,
  createOtelInterceptor,
  createRpcClientMetrics,
  createRpcServerMetrics,
} from "@connectum/otel";
import { createNoopMeter, type Meter, type MetricOptions } from "@opentelemetry/api";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { httpCollector } from "./support/collector.ts";
import { collect, echoAll } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { attributesOf, type OtlpTraces } from "./support/otlp-json.ts";
import { startExample } from "./support/program.ts";
import { recordedTelemetry } from "./support/recorded-telemetry.ts";
import { serveEcho } from "./support/serve-echo.ts";

const guide = readFileSync(new URL("../docs/guide/observability.md", import.meta.url), "utf8");
/** Name and unit of each metric, as they are created. */
const METRICS: (readonly [name: string, unit: string | undefined])[] = [];
const noop = createNoopMeter();
const meter: Meter = Object.assign(Object.create(noop), {
  createHistogram(name: string, options: MetricOptions) {
    METRICS.push([name, options.unit]);
    return noop.createHistogram(name, options);
  },
});
createRpcServerMetrics(meter);
createRpcClientMetrics(meter);

/** The rows of the table whose first column has this name. */
function tableOf(column: string): string[][] {
  const [, after = ""] = guide.split(`\n| ${column} |`);
  const [body = ""] = after.split("\n\n");
  return body
    .split("\n")
    .slice(2)
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| |`| \|$/g, "").trim()));
}

/** Makes calls that succeed and fail, over the network and in process, and returns what both sides have recorded. */
async function recorded(t: TestContext, semconv: "legacy" | "stable") {
  const telemetry = recordedTelemetry();
  const options = { ...telemetry.options, semconv, recordMessages: true, serverPort: 1 };
  const outgoing = [createOtelClientInterceptor(options)];
  const refuse = () => {
    throw new ConnectError("no", Code.NotFound);
  };
  const { url, server } = await serveEcho(
    t,
    { ...echoAll, echo: refuse },
    { interceptors: [createOtelInterceptor(options)], outgoingInterceptors: outgoing },
  );
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: outgoing });
  for (const client of [createClient(EchoService, transport), server.client(EchoService)]) {
    await assert.rejects(client.echo({}));
    await collect(client.echoServerStream({ text: "a" }));
  }
  await eventually(() => telemetry.spans().length === 8, "all spans have ended");
  const points = await Promise.all(METRICS.map(([name]) => telemetry.points(name)));
  return { spans: telemetry.spans(), points: points.flat() };
}

const keysOf = (all: readonly { readonly attributes?: object | undefined }[]) =>
  new Set(all.flatMap(({ attributes = {} }) => Object.keys(attributes)));
const sorted = (names: Iterable<string>) => [...names].sort();

for (const [semconv, column] of [
  ["legacy", 1],
  ["stable", 2],
] as const) {
  test(`the table of attributes has those of spans and points by the ${semconv} names, and no others`, {
    timeout: 20_000,
  }, async (t) => {
    const { spans, points } = await recorded(t, semconv);
    const rows = tableOf("attribute");
    const listed = (what: string) => rows.filter((row) => row[column]?.includes(what)).map(([name = ""]) => name);
    assert.deepEqual(sorted(keysOf(spans)), sorted(listed("spans")));
    assert.deepEqual(sorted(keysOf(points)), sorted(listed("points")));
  });
}

test("the table of events has those that there are, with their attributes", { timeout: 20_000 }, async (t) => {
  const { spans } = await recorded(t, "legacy");
  const events = spans.flatMap((span) => span.events);
  const rows = tableOf("event");
  assert.deepEqual(sorted(new Set(events.map(({ name }) => name))), sorted(rows.map(([name = ""]) => name)));
  for (const [name = "", attributes = ""] of rows) {
    const found = keysOf(events.filter((event) => event.name === name));
    assert.deepEqual(sorted(found), sorted(attributes.split(", ")), name);
  }
});

test("the table of metrics has those that there are, with their units", () => {
  assert.equal(METRICS.length, 6);
  assert.deepEqual(
    tableOf("metric").map(([name, unit]) => [name, unit]),
    METRICS,
  );
});

test("examples/guide/traced.ts: with the variable alone its calls are traces in a collector", {
  timeout: 30_000,
}, async (t) => {
  const { url, exported } = await httpCollector(t);
  const program = startExample(t, "guide/traced", {
    LISTEN: "127.0.0.1",
    PORT: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  });
  const address = (await program.line(/^Server listening /)).split(" ").at(-1);
  const transport = createConnectTransport({ baseUrl: `http://${address}`, httpVersion: "1.1" });
  await createClient(Greeter, transport).greet({ name: "Ada" });
  program.kill("SIGTERM");
  const { code, stderr } = await program.exited;
  assert.equal(code, 0, stderr);
  const traces = exported.filter(({ path }) => path === "/v1/traces").map(({ body }) => `${body}`);
  const spans = traces.flatMap((body) => {
    const { resourceSpans }: OtlpTraces = JSON.parse(body);
    return resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap((scope) =>
        scope.spans.map(({ name }) => [attributesOf(resource.attributes)["service.name"], name]),
      ),
    );
  });
  assert.deepEqual(spans, [["greeter", "hello.v1.Greeter/Greet"]]);
  assert.deepEqual(sorted(new Set(exported.map(({ path }) => path))), ["/v1/metrics", "/v1/traces"]);
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Variable {
  readonly name: string;
  readonly query: string | { readonly query: string };
}

const dashboard: { panels: readonly Panel[]; templating: { list: readonly Variable[] } } = JSON.parse(
  readFileSync(new URL("../docs/guide/observability/dashboard.json", import.meta.url), "utf8"),
);

/** As Prometheus names what comes by OTLP: underscores, the unit, and the parts of a histogram. */
const prometheusNames = METRICS.flatMap(([name, unit]) => {
  const base = `${name.replaceAll(".", "_")}_${unit === "By" ? "bytes" : "seconds"}`;
  return ["bucket", "count", "sum"].map((part) => `${base}_${part}`);
});

test("the dashboard asks for metrics and labels that there are", { timeout: 20_000 }, async (t) => {
  const { points } = await recorded(t, "legacy");
  // `le` is that of buckets, `job` the name of the service.
  const labels = new Set(["le", "job", ...[...keysOf(points)].map((key) => key.replaceAll(".", "_"))]);
  const targets = dashboard.panels.flatMap(({ targets = [] }) => targets);
  assert.ok(targets.length > 10);
  for (const { expr, legendFormat } of targets) {
    const names = expr.match(/\brpc_\w+_(bucket|count|sum)\b/g) ?? [];
    assert.ok(names.length > 0, expr);
    for (const name of names) assert.ok(prometheusNames.includes(name), name);
    const selected = [...expr.matchAll(/(\w+) *(?:=~|!~|!=|=) *"/g)].map(([, label]) => label ?? "");
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? "");
    for (const label of [...selected, ...grouped, ...shown]) assert.ok(labels.has(label), `${label} in ${expr}`);
    for (const label of shown) assert.ok(grouped.includes(label), `${label} is not in ${expr}`);
    const variables = [...expr.matchAll(/\$(\w+)/g)].map(([, variable]) => variable ?? "");
    const known = ["__rate_interval", ...dashboard.templating.list.map(({ name }) => name)];
    for (const variable of variables) assert.ok(known.includes(variable), variable);
    assert.ok(selected.includes("job") && selected.includes("rpc_method"), `${expr} does not select`);
  }
  for (const side of ["server", "client"]) {
    const all = targets.map(({ expr }) => expr).join();
    for (const part of ["call_duration_seconds_count", "call_duration_seconds_bucket", "response_size_bytes_sum"]) {
      assert.ok(all.includes(`rpc_${side}_${part}`), `${side}: ${part}`);
    }
  }
});

test("the panels of the dashboard have titles, units and places of their own", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { type, title, gridPos, fieldConfig } of panels) {
    assert.ok(["row", "stat", "timeseries"].includes(type), type);
    assert.ok(title !== "" && gridPos.x + gridPos.w <= 24);
    if (type !== "row") assert.match(fieldConfig?.defaults.unit ?? "", /^(reqps|percentunit|s|bytes|Bps)$/, title);
  }
  const overlap = (a: Panel["gridPos"], b: Panel["gridPos"]) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  for (const [index, one] of panels.entries()) {
    for (const other of panels.slice(index + 1)) {
      assert.ok(!overlap(one.gridPos, other.gridPos), `${one.title} and ${other.title}`);
    }
  }
});
