// A trace through four processes: grpc-js, which OpenTelemetry's own instrumentation traces, calls a server of ours,
// which calls another one by `ctx.call`, which calls connect-node.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { httpCollector } from "../support/collector.ts";
import { eventually } from "../support/eventually.ts";
import { judgePath } from "../support/judge-path.ts";
import { attributesOf, type OtlpTraces } from "../support/otlp-json.ts";
import { type Program, startProgram } from "../support/program.ts";
import { runProgram } from "../support/run-program.ts";

/** The spans of one order, each called by the one before: service, kind (2 is a server's, 3 a client's), and name. */
const SPANS = [
  ["grpc-js", 3, "grpc.shop.v1.Orders/Place"],
  ["orders", 2, "shop.v1.Orders/Place"],
  ["orders", 3, "shop.v1.Stock/Reserve"],
  ["stock", 2, "shop.v1.Stock/Reserve"],
  ["stock", 3, "shop.v1.Prices/Quote"],
  ["prices", 2, "shop.v1.Prices/Quote"],
] as const;
/** Which of them are the first in their process. */
const ENTRIES = [1, 3, 5];

test("with trustRemote they are one trace, and each span's parent is its caller's", { timeout: 60_000 }, async (t) => {
  const spans = await placeOrder(t, "trust");
  assert.deepEqual(
    spans.map(({ parentSpanId }) => parentSpanId ?? ""),
    ["", ...spans.map(({ spanId }) => spanId)].slice(0, SPANS.length),
  );
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  assert.deepEqual(
    spans.flatMap(({ links = [] }) => links),
    [],
  );
});

test("without it they are four traces, and each begins with a link to the caller's span", {
  timeout: 60_000,
}, async (t) => {
  const spans = await placeOrder(t, "");
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 4);
  for (const [index, { traceId, parentSpanId = "", links = [] }] of spans.entries()) {
    const caller = spans[index - 1];
    const linked = links.map((link) => [link.traceId, link.spanId]);
    const isEntry = ENTRIES.includes(index);
    assert.deepEqual(linked, isEntry ? [[caller?.traceId, caller?.spanId]] : []);
    assert.equal(parentSpanId, isEntry || caller === undefined ? "" : caller.spanId);
    if (!isEntry && caller !== undefined) assert.equal(traceId, caller.traceId);
  }
});

/** Places one order through all processes. Returns the spans in the order of {@link SPANS}. */
async function placeOrder(t: TestContext, trust: "trust" | "") {
  const { url, exported } = await httpCollector(t);
  const env = {
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "50",
  };
  const portOf = async (program: Program) => (await program.line(/^port \d+$/)).split(" ")[1];
  const prices = await portOf(startProgram(t, "traced-prices", [trust], env));
  const stock = await portOf(startProgram(t, "traced-shop", ["stock", `http://127.0.0.1:${prices}`, trust], env));
  const orders = await portOf(startProgram(t, "traced-shop", ["orders", `http://127.0.0.1:${stock}`, trust], env));

  // Its imports are those of the folder in which it is.
  const client = `${judgePath("instrumentation-grpc")}/client.cjs`;
  cpSync(fileURLToPath(new URL("./instrumented-client.cjs", import.meta.url)), client);
  const proto = fileURLToPath(new URL("../../examples/catalog/proto/shop.proto", import.meta.url));
  const args = [client, proto, `127.0.0.1:${orders}`];
  const own = { ...process.env, ...env, OTEL_SERVICE_NAME: "grpc-js" };
  const { code, stdout, stderr } = await runProgram(process.execPath, args, "", t.signal, own);
  assert.deepEqual([code, stdout.toString(), stderr], [0, "total 450\n", ""]);

  const spans = () =>
    exported.flatMap(({ body }) => {
      const { resourceSpans }: OtlpTraces = JSON.parse(body.toString());
      return resourceSpans.flatMap(({ resource, scopeSpans }) => {
        const { "service.name": service } = attributesOf(resource.attributes);
        return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
      });
    });
  await eventually(() => spans().length >= SPANS.length, "all spans are exported");
  const ordered = spans().sort((a, b) => orderOf(a) - orderOf(b));
  assert.deepEqual(
    ordered.map(({ service, kind, name }) => [service, kind, name]),
    SPANS,
  );
  return ordered;
}

function orderOf({ service, kind }: { service: unknown; kind: number }): number {
  return SPANS.findIndex(([name, of]) => name === service && of === kind);
}
