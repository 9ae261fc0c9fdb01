// The provider of the process: what it exports, what it registers, what it leaves alone, how it ends.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { context, createContextKey, diag, metrics, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { grpcCollector, httpCollector, useEnv } from "../../../../__test__/support/collector.ts";
import {
  existingProvider,
  getMeter,
  getProvider,
  getTracer,
  initProvider,
  shutdownProvider,
} from "./current-provider.ts";
import { otelShutdown } from "./otel-shutdown.ts";

/** One span, one point, one record. */
function emit() {
  const { tracer, meter, logger } = getProvider();
  tracer.startSpan("a span").end();
  meter.createCounter("a counter").add(1);
  logger.emit({ body: "a record" });
}

/** The end of each test: nothing registered is left for the next. */
function cleanUp(t: TestContext, variables: Record<string, string> = {}) {
  useEnv(t, variables);
  t.after(async () => {
    await shutdownProvider().catch(() => {});
    for (const api of [trace, metrics, logs, context, propagation]) api.disable();
  });
}

const isActive = () => {
  const key = createContextKey("a");
  return context.with(ROOT_CONTEXT.setValue(key, 1), () => context.active().getValue(key) === 1);
};

// contract: OT-PRV-1, OT-PRV-2, OT-ACC-1
test("there is one provider, whoever asks first; a second initProvider() does nothing", (t) => {
  cleanUp(t);
  assert.equal(existingProvider(), undefined);
  initProvider({ serviceName: "first" });
  const provider = getProvider();
  initProvider({ serviceName: "second" });
  assert.equal(getProvider(), provider);
  assert.deepEqual([getTracer(), getMeter()], [provider.tracer, provider.meter]);
});

// contract: OT-unset, OT-PRV-14, OT-SC-2
test("without settings nothing is registered", (t) => {
  cleanUp(t);
  initProvider();
  emit();
  assert.deepEqual([isActive(), propagation.fields()], [false, []]);
  assert.equal(getTracer().startSpan("a").isRecording(), false);
});

// contract: OT-unset
test("without settings no part of the SDK is loaded", { timeout: 30_000 }, async () => {
  const script = `
    const { createRequire } = await import("node:module");
    const { initProvider, getProvider } = await import(${JSON.stringify(new URL("./current-provider.ts", import.meta.url))});
    initProvider();
    getProvider().tracer.startSpan("a").end();
    const loaded = Object.keys(createRequire(import.meta.url).cache).join(" ");
    console.log(/sdk-trace|sdk-metrics|sdk-logs|exporter-|grpc-js/.test(loaded));
  `;
  const env = { PATH: process.env["PATH"] };
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  assert.equal(stdout.trim(), "false");
});

const PATHS = ["/v1/logs", "/v1/metrics", "/v1/traces"];

for (const [protocol, type] of [
  ["http/protobuf", "application/x-protobuf"],
  ["http/json", "application/json"],
] as const) {
  // contract: OT-protocol, OT-PRV-12, OT-PRV-13, OT-shutdown
  test(`${protocol}: all three signals arrive when the provider is shut down`, { timeout: 20_000 }, async (t) => {
    const { url, exported } = await httpCollector(t);
    cleanUp(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=1",
      OTEL_SERVICE_NAME: "shop",
    });
    emit();
    await shutdownProvider();
    assert.deepEqual(exported.map(({ path }) => path).sort(), PATHS);
    for (const { body, header } of exported) {
      assert.deepEqual([header("content-type"), header("x-key")], [type, "1"]);
      for (const text of ["shop", "telemetry.sdk.language"]) assert.ok(body.includes(text), text);
    }
  });
}

// contract: OT-PRV-7, OT-MET-4
test("all three signals have the same resource, and the service as their scope", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" });
  const resourceAttributes = { team: "a" };
  initProvider({ serviceName: "shop", serviceVersion: "1.2.3", instanceId: "7", resourceAttributes });
  emit();
  await shutdownProvider();
  const seen = exported.map(({ body }) => {
    const [signal] = Object.values<SignalJson[]>(JSON.parse(body.toString())).flat();
    const { resource, ...scopes } = signal ?? assert.fail("there is a signal");
    const attributes = resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
    const [scope] = Object.values(scopes).flat();
    return { attributes: Object.fromEntries(attributes), name: scope?.scope.name, version: scope?.scope.version };
  });
  const { attributes, ...scope } = seen[0] ?? assert.fail("something was exported");
  assert.deepEqual(scope, { name: "shop", version: "1.2.3" });
  const own = ["service.name", "service.version", "service.instance.id", "team"].map((key) => attributes[key]);
  assert.deepEqual(own, ["shop", "1.2.3", "7", "a"]);
  assert.deepEqual(seen, [seen[0], seen[0], seen[0]]);
});

/** The beginning of a signal in OTLP's JSON: `scopeSpans`, `scopeMetrics` or `scopeLogs` beside the resource. */
type SignalJson = {
  readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
} & Readonly<Record<string, readonly { readonly scope: { readonly name: string; readonly version: string } }[]>>;

// contract: OT-otlp
test("gRPC: all three signals arrive", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await grpcCollector(t);
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
  emit();
  await shutdownProvider();
  assert.equal(new Set(exported.map(({ path }) => path)).size, 3);
});

// contract: OT-SC-3, OT-standard
test("a signal's own endpoint is used as it is", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  cleanUp(t, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/mine` });
  emit();
  await shutdownProvider();
  assert.deepEqual(
    exported.map(({ path }) => path),
    ["/mine"],
  );
});

// contract: OT-PRV-5
test("settings win over the environment, each by itself", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  initProvider({ settings: { metrics: "none", logs: undefined } as never });
  emit();
  await shutdownProvider();
  assert.deepEqual(exported.map(({ path }) => path).sort(), ["/v1/logs", "/v1/traces"]);
});

// contract: OT-disabled
test("OTEL_SDK_DISABLED wins over settings", async (t) => {
  cleanUp(t, { OTEL_SDK_DISABLED: "true" });
  initProvider({ settings: { traces: "console" } });
  assert.equal(getTracer().startSpan("a").isRecording(), false);
});

// contract: OT-PRV-11
test("traces come with a context manager, and with Trace Context and Baggage", async (t) => {
  cleanUp(t);
  initProvider({ settings: { traces: "console" } });
  assert.equal(isActive(), true);
  assert.deepEqual(propagation.fields(), ["traceparent", "tracestate", "baggage"]);
  assert.equal(trace.getTracer("a").startSpan("a").isRecording(), true);
});

// contract: OT-standard
test("OTEL_PROPAGATORS and the sampler are followed", async (t) => {
  cleanUp(t, { OTEL_PROPAGATORS: "b3multi,jaeger,b3", OTEL_TRACES_SAMPLER: "always_off" });
  initProvider({ settings: { traces: "console" } });
  assert.ok(propagation.fields().includes("x-b3-traceid") && propagation.fields().includes("uber-trace-id"));
  assert.equal(getTracer().startSpan("a").isRecording(), false);
});

// contract: OT-registered
test("providers that the application registered are used, and stay when ours ends", async (t) => {
  cleanUp(t);
  const spans = new InMemorySpanExporter();
  const records = new InMemoryLogRecordExporter();
  const theirs = {
    traces: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    metrics: new MeterProvider(),
    logs: new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: records })] }),
  };
  trace.setGlobalTracerProvider(theirs.traces);
  metrics.setGlobalMeterProvider(theirs.metrics);
  logs.setGlobalLoggerProvider(theirs.logs);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  initProvider({ settings: { traces: "console", metrics: "console", logs: "console" } });
  emit();
  await shutdownProvider();
  assert.deepEqual([spans.getFinishedSpans().length, records.getFinishedLogRecords().length], [1, 1]);
  assert.equal(metrics.getMeterProvider(), theirs.metrics);
  assert.equal(logs.getLoggerProvider(), theirs.logs);
  assert.equal(isActive(), true);
  assert.equal(trace.getTracer("a").startSpan("a").isRecording(), true);
  assert.deepEqual(propagation.fields(), []);
});

// contract: OT-PRV-15
test("a tracer provider that is registered later takes effect when traces are none", (t) => {
  cleanUp(t);
  const tracer = getTracer();
  assert.equal(tracer.startSpan("a").isRecording(), false);
  trace.setGlobalTracerProvider(new BasicTracerProvider());
  assert.equal(getTracer(), tracer);
  assert.equal(tracer.startSpan("a").isRecording(), true);
});

// contract: OT-PRV-3
test("a wrong variable is an error each time; nothing stays registered, and the next attempt may succeed", (t) => {
  cleanUp(t, { OTEL_TRACES_EXPORTER: "console", OTEL_BLRP_MAX_QUEUE_SIZE: "many", OTEL_LOGS_EXPORTER: "console" });
  const message = /"OTEL_BLRP_MAX_QUEUE_SIZE" should be a valid integer, but was "many"/;
  assert.throws(getProvider, message);
  assert.throws(initProvider, message);
  assert.deepEqual([isActive(), propagation.fields()], [false, []]);
  assert.equal(trace.getTracer("a").startSpan("a").isRecording(), false);
  delete process.env["OTEL_BLRP_MAX_QUEUE_SIZE"];
  assert.equal(getTracer().startSpan("a").isRecording(), true);
});

// contract: OT-PRV-16
test("a shutdown without a provider, and the second of two, resolve", async (t) => {
  cleanUp(t);
  await shutdownProvider();
  initProvider();
  await Promise.all([shutdownProvider(), shutdownProvider()]);
});

// contract: OT-PRV-17, OT-SC-8, OT-SC-15
test("after a shutdown a new provider exports all three signals again", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  for (let round = 0; round < 2; round++) {
    emit();
    await shutdownProvider();
  }
  assert.deepEqual(
    exported.map(({ path }) => path).sort(),
    PATHS.flatMap((path) => [path, path]),
  );
});

// contract: OT-shutdown, OT-away
test("a signal that cannot be exported does not stop the others, and is reported once", {
  timeout: 30_000,
}, async (t) => {
  const good = await httpCollector(t);
  const bad = await httpCollector(t, 400);
  cleanUp(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: good.url,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: bad.url,
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1",
  });
  const warn = t.mock.method(console, "warn", () => {});
  const error = t.mock.method(console, "error", () => {});
  emit();
  emit();
  emit();
  await shutdownProvider().catch(() => {});
  // The SDK gives up what is left of a queue when an export fails at its end.
  assert.ok(bad.exported.length > 1);
  assert.deepEqual(good.exported.map(({ path }) => path).sort(), ["/v1/logs", "/v1/metrics"]);
  const texts = warn.mock.calls.map(({ arguments: [text] }) => String(text));
  assert.equal(texts.length, 1, texts.join("\n"));
  assert.match(texts[0] ?? "", /^@connectum\/otel: traces cannot be exported: ./);
  assert.equal(error.mock.callCount(), 0);
});

// contract: OT-shutdown
test("a collector that never answers holds a shutdown up for OTEL_BSP_EXPORT_TIMEOUT", {
  timeout: 20_000,
}, async (t) => {
  const { url } = await httpCollector(t, "never");
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_EXPORT_TIMEOUT: "300" });
  emit();
  const started = performance.now();
  await assert.rejects(shutdownProvider(), (error: Error) => {
    assert.match(error.message, /logs could not be exported within 300 ms/);
    return true;
  });
  assert.ok(performance.now() - started < 3_000);
});

// contract: OT-shutdown
test("a queue of many batches is exported whole when the provider is shut down", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  cleanUp(t, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "10",
    OTEL_BSP_SCHEDULE_DELAY: "60000",
  });
  const tracer = getTracer();
  for (let index = 0; index < 900; index++) tracer.startSpan(`span ${index}`).end();
  await shutdownProvider();
  const names = exported.flatMap(({ body }) => body.toString().match(/"span \d+"/g) ?? []);
  assert.equal(new Set(names).size, 900);
});

for (const signal of ["traces", "metrics", "logs"] as const) {
  // contract: OT-shutdown
  test(`a shutdown in which ${signal} are lost rejects`, { timeout: 20_000 }, async (t) => {
    const good = await httpCollector(t);
    const bad = await httpCollector(t, 400);
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
    cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: good.url, [own]: bad.url });
    t.mock.method(console, "warn", () => {});
    emit();
    await assert.rejects(shutdownProvider(), (error: Error) => {
      assert.match(error.message, new RegExp(`^${signal} cannot be exported: .*Bad Request`));
      return true;
    });
    assert.equal(good.exported.length, 2, "the other signals have arrived");
  });
}

// contract: OT-away
test("a collector that never answers is one warning for each signal", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t, "never");
  cleanUp(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: "10",
    OTEL_BLRP_SCHEDULE_DELAY: "10",
    OTEL_METRIC_EXPORT_INTERVAL: "100",
    OTEL_BSP_EXPORT_TIMEOUT: "100",
    OTEL_BLRP_EXPORT_TIMEOUT: "100",
  });
  const lines = (["warn", "error"] as const).map((level) => t.mock.method(console, level, () => {}));
  const timesOf = (path: string) => exported.filter((one) => one.path === path).length;
  while (PATHS.some((path) => timesOf(path) < 3)) {
    emit();
    await setTimeout(20);
  }
  const texts = lines.flatMap(({ mock }) => mock.calls).map(({ arguments: [text] }) => String(text));
  const line = (signal: string) => `@connectum/otel: ${signal} cannot be exported: no answer within 100 ms`;
  assert.deepEqual(texts.sort(), ["logs", "metrics", "traces"].map(line));
});

// contract: OT-PRV-3
test("an attempt that fails leaves no logger for the SDK's errors", (t) => {
  cleanUp(t, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_METRIC_EXPORT_INTERVAL: "often" });
  const error = t.mock.method(console, "error", () => {});
  assert.throws(() => initProvider(), /OTEL_METRIC_EXPORT_INTERVAL/);
  diag.error("of somebody else");
  assert.equal(error.mock.callCount(), 0);
});

// contract: OT-CFG-3
test("batches and queues of 0 are exported one by one", { timeout: 20_000 }, async (t) => {
  const { url, exported } = await httpCollector(t);
  // In a process of its own: a batch of none keeps the SDK busy without an end.
  const program = `
    import { getLogger, getTracer, shutdownProvider } from "@connectum/otel";
    getTracer().startSpan("a span").end();
    getLogger("a").info("a record");
    await shutdownProvider();`;
  const zero = ["OTEL_BSP", "OTEL_BLRP"].flatMap((prefix) => [
    [`${prefix}_MAX_EXPORT_BATCH_SIZE`, "0"],
    [`${prefix}_MAX_QUEUE_SIZE`, "0"],
  ]);
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: { ...process.env, ...Object.fromEntries(zero), OTEL_EXPORTER_OTLP_ENDPOINT: url },
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  assert.deepEqual(exported.map(({ path }) => path).sort(), ["/v1/logs", "/v1/traces"]);
});

for (const [given, message] of [
  [[undefined], /^otelShutdown: server must be a server of @connectum\/core, not undefined$/],
  [[{}], /^otelShutdown: server must be an object with the methods onShutdown: it has no onShutdown$/],
  [[{ onShutdown() {} }, "db"], /^otelShutdown: after must be an array, not "db"$/],
  [[{ onShutdown() {} }, null], /^otelShutdown: after must be an array, not null$/],
  [[{ onShutdown() {} }, [5]], /^otelShutdown: after\[0\] must be a string, not 5$/],
] as const) {
  test(`a wrong use is an error: ${message}`, () => {
    assert.throws(() => Reflect.apply(otelShutdown, undefined, given), { name: "TypeError", message });
  });
}

// contract: OT-PRV-19, OT-shutdown
test("otelShutdown() reports in one line what could not be exported, and fails nothing", {
  timeout: 20_000,
}, async (t) => {
  const { url } = await httpCollector(t, 400);
  cleanUp(t, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url });
  const warn = t.mock.method(console, "warn", () => {});
  let end = async () => {};
  otelShutdown({
    onShutdown(_name, _after, handler) {
      end = handler;
    },
  });
  emit();
  await end();
  assert.match(String(warn.mock.calls.at(-1)?.arguments[0]), /not everything was exported before the end: metrics/);
});

for (const [options, message] of [
  [{ name: "a" }, /initProvider: there is no option "name"/],
  [{ serviceName: 5 }, /initProvider: serviceName must be a string, not 5/],
  [{ settings: { trace: "none" } }, /there is no option "settings.trace". Did you mean "settings.traces"\?/],
  [{ settings: { logs: "otlp" } }, /settings.logs must be one of "console", "otlp\/http", "otlp\/grpc", "none"/],
  [{ resourceAttributes: [] }, /resourceAttributes must be an object, not an array/],
] as const) {
  test(`initProvider(${JSON.stringify(options)}) is an error`, (t) => {
    cleanUp(t);
    assert.throws(() => initProvider(options as never), message);
    assert.equal(existingProvider(), undefined);
  });
}
