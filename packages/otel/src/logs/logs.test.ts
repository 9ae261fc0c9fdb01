// Loggers: records with severity, name, attributes and span; LOG_LEVEL; errors; pino.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { pino } from "pino";
import { useEnv } from "../../../../__test__/support/collector.ts";
import { REMOTE } from "../../../../__test__/support/recorded-telemetry.ts";
import { getLogger } from "./logger.ts";
import { otelPinoStream } from "./pino-stream.ts";

const exporter = new InMemoryLogRecordExporter();
const processor = new SimpleLogRecordProcessor({ exporter });
logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [processor] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
beforeEach(() => exporter.reset());

const records = () => exporter.getFinishedLogRecords();
const inRemoteSpan = <T>(run: () => T) => {
  const { traceId, spanId } = REMOTE;
  return context.with(trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 }), run);
};

// contract: OT-LOG-1, OT-LOG-2
test("the four levels", (t) => {
  useEnv(t, {});
  const logger = getLogger("shop");
  assert.notEqual(getLogger("shop"), logger);
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level](`a ${level}`);
  assert.deepEqual(
    records().map(({ severityNumber, severityText, body }) => [severityNumber, severityText, body]),
    [
      [5, "DEBUG", "a debug"],
      [9, "INFO", "a info"],
      [13, "WARN", "a warn"],
      [17, "ERROR", "a error"],
    ],
  );
});

// contract: OT-LOG-3
test("attributes: those of the call win over the default ones, and both over the name", (t) => {
  useEnv(t, {});
  const logger = getLogger("shop", { defaultAttributes: { a: 1, b: 1 } });
  logger.info("one", { b: 2 });
  logger.info("two", { "logger.name": "other" });
  assert.deepEqual(
    records().map(({ attributes }) => attributes),
    [
      { "logger.name": "shop", a: 1, b: 2 },
      { "logger.name": "other", a: 1, b: 1 },
    ],
  );
});

// contract: OT-LOG-4
test("the name is the given one, else the service of the active span, else unknown", (t) => {
  useEnv(t, {});
  getLogger("").info("a");
  getLogger().info("a");
  const tracer = new BasicTracerProvider().getTracer("a");
  const span = tracer.startSpan("a", { attributes: { "rpc.service": "shop.v1.Orders" } });
  context.with(trace.setSpan(ROOT_CONTEXT, span), () => getLogger().info("a"));
  assert.deepEqual(
    records().map(({ attributes }) => attributes["logger.name"]),
    ["", "unknown", "shop.v1.Orders"],
  );
});

// contract: OT-LOG-5
test("emit() changes nothing", (t) => {
  useEnv(t, {});
  getLogger("shop", { defaultAttributes: { a: 1 } }).emit({ body: "as it is" });
  assert.deepEqual([records()[0]?.body, records()[0]?.attributes], ["as it is", {}]);
});

// contract: OT-LOG-6
test("a record has the trace and the span that are active, and no attributes for them", (t) => {
  useEnv(t, {});
  inRemoteSpan(() => getLogger("shop").info("a"));
  const [record] = records();
  assert.deepEqual([record?.spanContext?.traceId, record?.spanContext?.spanId], [REMOTE.traceId, REMOTE.spanId]);
  assert.deepEqual(record?.attributes, { "logger.name": "shop" });
});

// contract: OT-LOG-7
test("a logger has four levels and emit(), no children, and writes nothing to the console", (t) => {
  useEnv(t, {});
  const written = (["debug", "info", "log", "warn", "error"] as const).map((name) => t.mock.method(console, name));
  const logger = getLogger("shop");
  assert.deepEqual(Object.keys(logger).sort(), ["debug", "emit", "error", "info", "warn"]);
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level]("a");
  logger.emit({ body: "a" });
  assert.equal(records().length, 5);
  assert.deepEqual(
    written.map(({ mock }) => mock.callCount()),
    [0, 0, 0, 0, 0],
  );
});

// contract: OT-log-level, OT-LOG-7
test("records below LOG_LEVEL are dropped, and a wrong level is an error", (t) => {
  useEnv(t, { LOG_LEVEL: "warn" });
  const logger = getLogger("shop");
  logger.info("a");
  logger.debug("a");
  logger.error("b");
  assert.deepEqual(
    records().map(({ body }) => body),
    ["b"],
  );
  useEnv(t, { LOG_LEVEL: "loud" });
  assert.throws(() => getLogger(), { name: "EnvVarError" });
});

// contract: OT-log-details
test("details of a server's logger: errors, objects, and anything else", (t) => {
  useEnv(t, {});
  const logger = getLogger("shop");
  const error = new TypeError("broken");
  logger.error("failed:", error);
  logger.warn("odd:", ...([5, { a: 1 }, undefined, Symbol("s")] as never[]));
  const [failed, odd] = records();
  assert.deepEqual(failed?.attributes, {
    "logger.name": "shop",
    "exception.type": "TypeError",
    "exception.message": "broken",
    "exception.stacktrace": error.stack,
  });
  assert.deepEqual(odd?.attributes, { "logger.name": "shop", a: 1, details: "5 Symbol(s)" });
});

// contract: OT-pino
test("pino's lines become records with the active span", (t) => {
  useEnv(t, {});
  const logger = pino({ level: "trace", base: { pid: 1, hostname: "h" } }, otelPinoStream());
  inRemoteSpan(() => logger.child({ user: 7 }).warn({ err: new RangeError("far") }, "late"));
  logger.trace("small");
  otelPinoStream().write("no JSON\n");
  const [late, small, plain] = records();
  assert.deepEqual([late?.body, late?.severityNumber, late?.severityText], ["late", 13, "WARN"]);
  assert.equal(late?.spanContext?.spanId, REMOTE.spanId);
  const { "exception.stacktrace": stack, ...others } = late?.attributes ?? {};
  assert.deepEqual(others, { user: 7, "exception.type": "RangeError", "exception.message": "far" });
  assert.match(String(stack), /RangeError: far/);
  assert.deepEqual([small?.severityNumber, small?.attributes], [1, {}]);
  assert.ok(Math.abs((late?.hrTime[0] ?? 0) - Date.now() / 1_000) < 10);
  assert.equal(plain?.body, "no JSON");
});

// contract: OT-log-details
test("attributes of any kind are kept: errors, dates, big integers, maps, objects in a circle", (t) => {
  useEnv(t, {});
  const logger = getLogger("shop", { defaultAttributes: { since: new Date(0) as never } });
  const err = new RangeError("card declined");
  logger.error("payment failed", { err, cause: new TypeError("no card"), user: 7 });
  const circle: Record<string, unknown> = { a: 1 };
  circle["self"] = { circle };
  logger.info("odd", {
    order: { id: 1n, sku: "a" },
    when: new Date(0),
    never: new Date(Number.NaN),
    map: new Map([["k", 1n]]),
    set: new Set([1]),
    circle,
    url: new URL("http://a/"),
    run: Symbol("s"),
    bytes: new Uint8Array([1]),
    nothing: null,
    list: [1, "two", [3n]],
  });
  const [failed, odd] = records();
  const since = "1970-01-01T00:00:00.000Z";
  assert.deepEqual(failed?.attributes, {
    "logger.name": "shop",
    since,
    "exception.type": "RangeError",
    "exception.message": "card declined",
    "exception.stacktrace": err.stack,
    cause: "TypeError: no card",
    user: 7,
  });
  assert.deepEqual(odd?.attributes, {
    "logger.name": "shop",
    since,
    order: { id: "1", sku: "a" },
    when: since,
    never: null,
    map: [["k", "1"]],
    set: [1],
    circle: { a: 1, self: { circle: "[circular]" } },
    url: "http://a/",
    run: "Symbol(s)",
    bytes: new Uint8Array([1]),
    nothing: null,
    list: [1, "two", ["3"]],
  });
});

// contract: OT-log-details, OT-fault
test("no argument makes a logger throw, and no processor", (t) => {
  useEnv(t, {});
  const error = t.mock.method(console, "error", () => {});
  const logger = getLogger("shop");
  const fail = () => {
    throw new Error("not readable");
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const odd: unknown[] = [
    [Object.create(null)],
    Object.create(null),
    revoked.proxy,
    { deep: revoked.proxy },
    {
      get broken() {
        return fail();
      },
    },
    { toString: fail, toJSON: fail },
    { value: { toJSON: fail } },
    Object.defineProperty(new Error("x"), "stack", { get: fail }),
    null,
    () => {},
  ];
  for (const one of odd) {
    logger.info("odd", one as never);
    logger.info(one as never);
  }
  assert.equal(records().length, 2 * odd.length);
  assert.equal(records()[0]?.attributes["details"], "[{}]");
  assert.equal(records()[4]?.attributes["details"], "[unreadable]");
  assert.deepEqual(records()[8]?.attributes, { "logger.name": "shop", broken: "[unreadable]" });
  assert.equal(error.mock.callCount(), 0);
  t.mock.method(processor, "onEmit", fail);
  logger.info("a processor throws");
  logger.emit({ body: "a processor throws" });
  assert.equal(error.mock.callCount(), 1);
});

// contract: OT-pino
test("pino's other forms of levels and times, and other names", (t) => {
  useEnv(t, {});
  const level = (label: string) => ({ level: label });
  for (const options of [
    { formatters: { level } },
    { timestamp: pino.stdTimeFunctions.isoTime },
    { timestamp: pino.stdTimeFunctions.unixTime },
    { timestamp: false },
  ]) {
    pino(options, otelPinoStream()).error("failed");
  }
  const all = records().map(({ severityText, body, attributes }) => [severityText, body, attributes]);
  assert.deepEqual(all, Array(4).fill(["ERROR", "failed", {}]));
  for (const { hrTime } of records()) assert.ok(Math.abs(hrTime[0] - Date.now() / 1_000) < 10, `${hrTime}`);
  exporter.reset();
  const keys = { messageKey: "message", errorKey: "error" };
  pino(keys, otelPinoStream(keys)).error(new RangeError("far"), "late");
  const [late] = records();
  assert.deepEqual(
    [late?.body, late?.attributes["exception.type"], late?.attributes["error"]],
    ["late", "RangeError", undefined],
  );
});

// contract: OT-pino
test("pino takes the stream as its only argument", (t) => {
  useEnv(t, {});
  pino(otelPinoStream()).info("as the guide says");
  assert.deepEqual(
    records().map(({ body, severityText }) => [body, severityText]),
    [["as the guide says", "INFO"]],
  );
});

for (const [use, message] of [
  [() => getLogger(5 as never), /getLogger: name must be a string, not 5/],
  [() => getLogger("a", { attributes: {} } as never), /getLogger: there is no option "attributes"/],
] as const) {
  test(`a wrong use is an error: ${message}`, () => assert.throws(use, message));
}
