// Telemetry that throws: processors, samplers, histograms, filters of attributes and propagators of the application,
// and errors of handlers that cannot be read. No call may notice, and no rejection may go unhandled, which would end
// the process: node:test fails the test then.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  createOtelClientInterceptor,
  createOtelInterceptor,
  type OtelClientInterceptorOptions,
  traceAll,
  traced,
} from "@connectum/otel";
import { type MeterProvider, propagation, type Span, type TracerProvider, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { collect, type EchoImpl } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { recordedTelemetry } from "./support/recorded-telemetry.ts";
import { serveEcho } from "./support/serve-echo.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const impl: EchoImpl = {
  echo: ({ text }) => {
    if (text === "fail") throw new ConnectError("no", Code.NotFound);
    return { text };
  },
  async *echoServerStream({ text }) {
    yield { text };
    yield { text };
    if (text === "fail") throw new ConnectError("no", Code.NotFound);
  },
};

/** A provider whose spans throw where they are told to. */
function faultyProvider(where: "onStart" | "onEnd" | "sampler", text: string): TracerProvider {
  const fault = (here: string) => {
    if (here === where) throw new Error(text);
  };
  const processor = {
    onStart: () => fault("onStart"),
    onEnd: () => fault("onEnd"),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const sampler = {
    shouldSample() {
      throw new Error(text);
    },
  };
  return new BasicTracerProvider({ spanProcessors: [processor], ...(where === "sampler" && { sampler }) });
}

/** A provider each function of whose spans throws. */
function throwingSpans(text: string): TracerProvider {
  const fail = (): never => {
    throw new Error(text);
  };
  const span: Span = {
    spanContext: () => ({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 }),
    isRecording: fail,
    setAttribute: fail,
    setAttributes: fail,
    addEvent: fail,
    addLink: fail,
    addLinks: fail,
    setStatus: fail,
    updateName: fail,
    end: fail,
    recordException: fail,
  };
  return { getTracer: () => ({ startSpan: () => span, startActiveSpan: fail }) };
}

function faultyMeters(where: "getMeter" | "record", text: string): MeterProvider {
  const fail = (): never => {
    throw new Error(text);
  };
  const meter = { createHistogram: () => ({ record: fail }) };
  return { getMeter: where === "getMeter" ? fail : () => meter } as unknown as MeterProvider;
}

const withoutMetrics = true;
const withoutTracing = true;
const faults: Record<string, (text: string) => OtelClientInterceptorOptions> = {
  "a processor's onStart": (text) => ({ tracerProvider: faultyProvider("onStart", text), withoutMetrics }),
  "a processor's onEnd": (text) => ({ tracerProvider: faultyProvider("onEnd", text), withoutMetrics }),
  "a sampler": (text) => ({ tracerProvider: faultyProvider("sampler", text), withoutMetrics }),
  "every function of a span": (text) => ({
    tracerProvider: throwingSpans(text),
    withoutMetrics,
    recordMessages: true,
  }),
  "a meter provider": (text) => ({ meterProvider: faultyMeters("getMeter", text), withoutTracing }),
  "a histogram": (text) => ({ meterProvider: faultyMeters("record", text), withoutTracing }),
  "a filter of attributes": (text) => ({
    ...recordedTelemetry().options,
    attributeFilter() {
      throw new Error(text);
    },
  }),
};

/** The lines about faults of telemetry, instead of on the console. */
function linesOf(t: TestContext): () => unknown[] {
  const { mock } = t.mock.method(console, "error", () => {});
  return () => mock.calls.map((call) => call.arguments[0]);
}

/** Outcomes of calls that succeed and fail, unary and as streams, with these interceptors of server and client. */
async function outcomes(t: TestContext, server: readonly Interceptor[], client: readonly Interceptor[]) {
  const { url } = await serveEcho(t, impl, { logger: silent, interceptors: [...server] });
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [...client] });
  const { echo, echoServerStream } = createClient(EchoService, transport);
  const codeOf = (error: unknown) => (error instanceof ConnectError ? Code[error.code] : error);
  return [
    (await echo({ text: "a" })).text,
    await echo({ text: "fail" }).catch(codeOf),
    (await collect(echoServerStream({ text: "a" }))).length,
    await collect(echoServerStream({ text: "fail" })).catch(codeOf),
  ];
}

const AS_WITHOUT = ["a", "NotFound", 2, "NotFound"];

for (const [what, optionsOf] of Object.entries(faults)) {
  // contract: OT-fault
  test(`${what} that throws fails no call, and is reported once`, async (t) => {
    const lines = linesOf(t);
    for (const side of ["server", "client"]) {
      const options = optionsOf(`${what}, ${side}`);
      const interceptors: [Interceptor[], Interceptor[]] =
        side === "server" ? [[createOtelInterceptor(options)], []] : [[], [createOtelClientInterceptor(options)]];
      assert.deepEqual(await outcomes(t, ...interceptors), AS_WITHOUT, side);
    }
    const line = (side: string) => `@connectum/otel: something could not be recorded: ${what}, ${side}`;
    await eventually(() => lines().length === 2, "both sides have said so");
    assert.deepEqual(lines(), [line("server"), line("client")]);
  });
}

// contract: OT-fault
test("a propagator that throws fails no call, recorded or filtered out", async (t) => {
  const lines = linesOf(t);
  t.after(() => propagation.disable());
  const fail = (what: string) => () => {
    throw new Error(what);
  };
  propagation.setGlobalPropagator({ extract: fail("extract"), inject: fail("inject"), fields: () => ["x"] });
  for (const isRecorded of [true, false]) {
    const options = { ...recordedTelemetry().options, filter: () => isRecorded };
    const interceptors: [Interceptor[], Interceptor[]] = [
      [createOtelInterceptor(options)],
      [createOtelClientInterceptor(options)],
    ];
    assert.deepEqual(await outcomes(t, ...interceptors), AS_WITHOUT);
  }
  assert.equal(lines().length, 2);
});

// contract: OT-fault, OT-SC-17
test("an error that cannot be read ends its span, and is the error that the client sees without telemetry", async (t) => {
  const fail = () => {
    throw new Error("not readable");
  };
  const revoked = Proxy.revocable(new Error("a"), {});
  revoked.revoke();
  const errors: Record<string, unknown> = {
    stack: Object.defineProperty(new Error("x"), "stack", { get: fail }),
    message: Object.defineProperty(new Error("x"), "message", { get: fail }),
    "no constructor": Object.setPrototypeOf(
      new Error("x"),
      Object.create(Error.prototype, { constructor: { value: undefined } }),
    ),
    symbols: Object.assign(new Error("x"), { message: Symbol("message"), name: Symbol("name") }),
    revoked: revoked.proxy,
    "no prototype": Object.create(null),
  };
  const telemetry = recordedTelemetry();
  const { url } = await serveEcho(
    t,
    {
      echo: ({ text }) => {
        throw errors[text];
      },
    },
    { logger: silent, interceptors: [createOtelInterceptor(telemetry.options)] },
  );
  const { echo } = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  const seen: Record<string, unknown> = {};
  for (const text of Object.keys(errors)) {
    telemetry.reset();
    const error = await echo({ text }).catch((error: unknown) => error);
    assert.ok(error instanceof ConnectError && error.code === Code.Internal, text);
    await eventually(() => telemetry.spans().length === 1, `${text}: the span has ended`);
    const { attributes, events, status } = telemetry.span();
    seen[text] = [attributes["error.type"], status.message, events.length];
  }
  assert.deepEqual(seen, {
    stack: ["Error", "x", 1],
    message: ["Error", "an error that cannot be read", 1],
    "no constructor": ["Error", "x", 1],
    symbols: ["Error", "Symbol(message)", 1],
    revoked: ["UNKNOWN", "an error that cannot be read", 1],
    "no prototype": ["UNKNOWN", "an error that cannot be read", 1],
  });
});

// contract: OT-fault
test("a traced function runs, whatever its span throws", (t) => {
  linesOf(t);
  t.after(() => trace.disable());
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const provider of [
    faultyProvider("onStart", "traced"),
    faultyProvider("onEnd", "traced"),
    throwingSpans("traced"),
  ]) {
    trace.disable();
    trace.setGlobalTracerProvider(provider);
    assert.equal(traced((a: number) => a + 1, { recordArgs: true })(1), 2);
    assert.equal(traced(() => revoked.proxy)(), revoked.proxy);
    assert.equal(traceAll({ run: () => 1 }).run(), 1);
    const error = new Error("mine");
    assert.throws(
      traced(() => {
        throw error;
      }),
      (thrown) => thrown === error,
    );
  }
});
