// The interceptors around calls without a transport: spans, points, events, errors, streams, context.
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallSignal, callPrepare, OBSERVABLE_CALL, ON_ABORT } from "@connectum/hooks";
import { context, metrics, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { collectGarbage } from "../../../../__test__/support/collect-garbage.ts";
import { useEnv } from "../../../../__test__/support/collector.ts";
import {
  type AnyRequest,
  answering,
  failing,
  failingStream,
  messagesOf,
  rejection,
  responseTo,
  run,
  streamOf,
  streamRequest,
  unaryRequest,
} from "../../../../__test__/support/interceptor-calls.ts";
import { REMOTE, recordedTelemetry, useContext } from "../../../../__test__/support/recorded-telemetry.ts";
import { EchoRequestSchema, EchoResponseSchema } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { existingProvider, initProvider, shutdownProvider } from "../provider/current-provider.ts";
import { createOtelClientInterceptor } from "./client-interceptor.ts";
import { createOtelInterceptor } from "./server-interceptor.ts";

const SERVICE = "connectum.test.v1.EchoService";
const sides = [
  ["server", createOtelInterceptor],
  ["client", createOtelClientInterceptor],
] as const;
const QUESTION_BYTES = toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "question" })).length;
const ANSWER_BYTES = toBinary(EchoResponseSchema, create(EchoResponseSchema, { text: "answer" })).length;

for (const [side, createInterceptor] of sides) {
  const base = {
    "rpc.system": "connect_rpc",
    "rpc.service": SERVICE,
    "rpc.method": "Echo",
    "server.address": side === "server" ? hostname() : "localhost",
    "network.protocol.name": "connect_rpc",
    "network.transport": "tcp",
  };

  // contract: OT-INT-2, OT-INT-3, OT-INT-4, OT-INT-5, OT-INT-7, OT-INT-12, OT-SC-12, OT-MET-1
  test(`${side}: a call that succeeds has one span without a status, and one point in each histogram`, async () => {
    const telemetry = recordedTelemetry();
    await run(createInterceptor(telemetry.options), answering(), unaryRequest());
    const { name, kind, status, attributes, events } = telemetry.span();
    assert.deepEqual(
      [name, kind, status.code, events],
      [`${SERVICE}/Echo`, side === "server" ? SpanKind.SERVER : SpanKind.CLIENT, SpanStatusCode.UNSET, []],
    );
    assert.deepEqual(attributes, { ...base, "connectum.transport": "http" });
    for (const [what, sum] of [
      ["call.duration", undefined],
      ["request.size", QUESTION_BYTES],
      ["response.size", ANSWER_BYTES],
    ] as const) {
      const points = await telemetry.points(`rpc.${side}.${what}`);
      assert.equal(points.length, 1, what);
      assert.equal(points[0]?.count, 1);
      assert.deepEqual(points[0]?.attributes, { ...base, transport: "http" });
      if (sum !== undefined) assert.equal(points[0]?.sum, sum, what);
    }
  });

  // contract: OT-SC-1
  test(`${side}: without sizes there are only durations`, async () => {
    const telemetry = recordedTelemetry();
    await run(createInterceptor({ ...telemetry.options, sizes: false }), answering(), unaryRequest());
    assert.equal((await telemetry.points(`rpc.${side}.call.duration`)).length, 1);
    assert.deepEqual(await telemetry.points(`rpc.${side}.request.size`), []);
  });

  // contract: OT-INT-13, OT-SC-5, OT-MET-2
  test(`${side}: durations are in seconds, in the advised buckets`, async () => {
    const telemetry = recordedTelemetry();
    await run(createInterceptor(telemetry.options), answering(), unaryRequest());
    const [point] = await telemetry.points(`rpc.${side}.call.duration`);
    assert.deepEqual(point?.boundaries, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
    assert.ok((point?.sum ?? 9) < 5);
    const [size] = await telemetry.points(`rpc.${side}.request.size`);
    const ofSdk = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
    assert.deepEqual(size?.boundaries, ofSdk);
  });

  // contract: OT-MET-3
  test(`${side}: there are three histograms, and nothing else`, async () => {
    const telemetry = recordedTelemetry();
    const interceptor = createInterceptor({ ...telemetry.options, recordMessages: true, semconv: "both" });
    await run(interceptor, answering(), unaryRequest());
    await messagesOf(await run(interceptor, answering(), streamRequest()));
    await rejection(run(interceptor, failing(new Error("a")), unaryRequest()));
    assert.deepEqual(await telemetry.instruments(), [
      [`rpc.${side}.call.duration`, "HISTOGRAM", "s", `Duration of RPC ${side} calls`],
      [`rpc.${side}.request.size`, "HISTOGRAM", "By", `Size of RPC ${side} request messages`],
      [`rpc.${side}.response.size`, "HISTOGRAM", "By", `Size of RPC ${side} response messages`],
    ]);
  });

  // contract: OT-INT-6, OT-INT-7, OT-INT-9, OT-INT-10
  test(`${side}: a call that fails has the code on span and points, an exception event, and its own error`, async () => {
    const telemetry = recordedTelemetry();
    const error = new ConnectError("it broke", Code.DataLoss);
    assert.equal(await rejection(run(createInterceptor(telemetry.options), failing(error), unaryRequest())), error);
    const { attributes, status, events } = telemetry.span();
    const outcome = { "error.type": "DATA_LOSS", "rpc.connect_rpc.status_code": 15 };
    assert.deepEqual(attributes, { ...base, "connectum.transport": "http", ...outcome });
    assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: "[data_loss] it broke" });
    assert.deepEqual(
      events.map((event) => [event.name, event.attributes?.["exception.type"]]),
      [["exception", "ConnectError"]],
    );
    const points = await telemetry.points(`rpc.${side}.response.size`);
    assert.deepEqual(
      points.map((point) => [point.attributes, point.sum]),
      [[{ ...base, transport: "http", ...outcome }, 0]],
    );
  });

  // contract: OT-SC-17
  test(`${side}: whatever is thrown ends the span, and passes unchanged`, async () => {
    for (const thrown of ["text", null, Object.create(null)]) {
      const telemetry = recordedTelemetry();
      const next = () => Promise.reject(thrown);
      assert.equal(await rejection(run(createInterceptor(telemetry.options), next, unaryRequest())), thrown);
      assert.equal(telemetry.span().attributes["error.type"], "UNKNOWN");
    }
    const telemetry = recordedTelemetry();
    const next = () => {
      throw new TypeError("at once");
    };
    await rejection(run(createInterceptor(telemetry.options), next, unaryRequest()));
    assert.equal(telemetry.span().attributes["error.type"], "TypeError");
  });

  // contract: OT-MSG-1, OT-MSG-2, OT-MSG-3
  test(`${side}: message events have direction, position and size`, async () => {
    const telemetry = recordedTelemetry();
    await run(createInterceptor({ ...telemetry.options, recordMessages: true }), answering(), unaryRequest());
    const [request, response] = side === "server" ? ["RECEIVED", "SENT"] : ["SENT", "RECEIVED"];
    assert.deepEqual(
      telemetry.span().events.map(({ name, attributes }) => [name, attributes]),
      [
        ["rpc.message", messageEvent(request ?? "", 1, QUESTION_BYTES)],
        ["rpc.message", messageEvent(response ?? "", 1, ANSWER_BYTES)],
      ],
    );
  });

  // contract: OT-MSG-4, OT-MSG-5, OT-STR-1, OT-STR-3
  test(`${side}: a stream has an event for each message, and one span and point at its end`, async () => {
    const telemetry = recordedTelemetry();
    const request = streamRequest(["a", "bc"]);
    const { message } = request;
    const next = async (given: AnyRequest) => {
      const received = given.stream ? given.message : assert.fail("a stream");
      assert.notEqual(received, message);
      for await (const _ of received);
      return responseTo(given, streamOf(...["1", "2", "3"].map((text) => create(EchoResponseSchema, { text }))));
    };
    const interceptor = createInterceptor({ ...telemetry.options, recordMessages: true });
    const response = await run(interceptor, next, request);
    assert.equal(request.message, message);
    assert.equal(telemetry.spans().length, 0);
    assert.equal((await messagesOf(response)).length, 3);
    const ids = telemetry.span().events.map(({ attributes }) => attributes?.["rpc.message.id"]);
    assert.deepEqual(ids, [1, 2, 1, 2, 3]);
    const sizes = await Promise.all(
      ["request", "response"].map(async (what) => (await telemetry.points(`rpc.${side}.${what}.size`))[0]?.sum),
    );
    assert.deepEqual(sizes, [3 + 4, 3 * 3]);
  });

  // contract: OT-SC-6, OT-STR-4, OT-STR-5
  test(`${side}: a stream that fails is a failure everywhere, with the time to its end`, async () => {
    const telemetry = recordedTelemetry();
    const error = new ConnectError("late", Code.Unavailable);
    const response = await run(createInterceptor(telemetry.options), failingStream(error, 1), streamRequest());
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(await rejection(messagesOf(response)), error);
    const { attributes, status, events } = telemetry.span();
    assert.deepEqual([attributes["error.type"], status.code], ["UNAVAILABLE", SpanStatusCode.ERROR]);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["exception"],
    );
    const [point] = await telemetry.points(`rpc.${side}.call.duration`);
    assert.equal(point?.attributes["error.type"], "UNAVAILABLE");
    assert.ok((point?.sum ?? 0) >= 0.029, `${point?.sum}`);
  });

  // contract: OT-STR-2
  test(`${side}: messages are events of the call's span, whatever is active where they are read`, async (t) => {
    useContext(t);
    const telemetry = recordedTelemetry();
    const interceptor = createInterceptor({ ...telemetry.options, recordMessages: true });
    const next = async (given: AnyRequest) => {
      for await (const _ of given.stream ? given.message : assert.fail("a stream"));
      return responseTo(given);
    };
    const response = await run(interceptor, next, streamRequest());
    const other = telemetry.options.tracerProvider.getTracer("a").startSpan("other");
    await context.with(trace.setSpan(ROOT_CONTEXT, other), () => messagesOf(response));
    other.end();
    assert.deepEqual(
      telemetry.spans().map(({ name, events }) => [name, events.length]),
      [
        [`${SERVICE}/EchoBidiStream`, 2],
        ["other", 0],
      ],
    );
  });

  // contract: OT-STR-6
  test(`${side}: the end of the request, and its failure, end no span`, async () => {
    const telemetry = recordedTelemetry();
    async function* broken() {
      yield create(EchoRequestSchema);
      throw new ConnectError("the request broke", Code.Aborted);
    }
    const next = async (given: AnyRequest) => {
      const reading = async () => {
        for await (const _ of given.stream ? given.message : assert.fail("a stream"));
      };
      await reading().catch((error: unknown) => assert.ok(error instanceof ConnectError));
      assert.equal(telemetry.spans().length, 0);
      return responseTo(given);
    };
    for (const message of [streamOf(create(EchoRequestSchema)), broken()]) {
      const response = await run(createInterceptor(telemetry.options), next, { ...streamRequest(), message });
      assert.equal(telemetry.spans().length, 0);
      await messagesOf(response);
      assert.equal(telemetry.span().attributes["error.type"], undefined);
      telemetry.reset();
    }
  });

  // contract: OT-STR-7
  test(`${side}: a stream whose call rejects has failed`, async () => {
    const telemetry = recordedTelemetry();
    const error = new ConnectError("no", Code.Internal);
    await rejection(run(createInterceptor(telemetry.options), failing(error), streamRequest()));
    assert.equal(telemetry.span().attributes["error.type"], "INTERNAL");
  });

  // contract: OT-SC-6
  test(`${side}: a reader that stops early is canceled, or what its request was aborted with`, async () => {
    for (const [reason, expected] of [
      [undefined, "CANCELED"],
      [new ConnectError("too late", Code.DeadlineExceeded), "DEADLINE_EXCEEDED"],
    ] as const) {
      const telemetry = recordedTelemetry();
      const controller = new AbortController();
      const request = streamRequest([], { signal: controller.signal });
      const next = async (given: AnyRequest) =>
        responseTo(given, streamOf(create(EchoResponseSchema), create(EchoResponseSchema)));
      const response = await run(createInterceptor(telemetry.options), next, request);
      for await (const _ of response.stream ? response.message : assert.fail()) {
        if (reason !== undefined) controller.abort(reason);
        break;
      }
      assert.equal(telemetry.span().attributes["error.type"], expected);
    }
  });

  // contract: OT-SC-6
  test(`${side}: a stream that is aborted ends its span then, with the reason`, async () => {
    const telemetry = recordedTelemetry();
    const controller = new AbortController();
    const next = async (given: AnyRequest) => responseTo(given, streamOf());
    await run(createInterceptor(telemetry.options), next, streamRequest([], { signal: controller.signal }));
    assert.equal(telemetry.spans().length, 0);
    controller.abort(new ConnectError("away", Code.Canceled));
    assert.equal(telemetry.span().attributes["error.type"], "CANCELED");
  });

  // contract: OT-STR-8
  test(`${side}: a response that nobody reads ends its span, with its request or when it is collected`, {
    timeout: 20_000,
  }, async (t) => {
    const telemetry = recordedTelemetry();
    const controller = new AbortController();
    const next = async (given: AnyRequest) => responseTo(given, streamOf());
    const interceptor = createInterceptor(telemetry.options);
    await run(interceptor, next, streamRequest([], { signal: controller.signal }));
    controller.abort();
    // The request of a server may simply have ended; that of a client ends after its stream.
    const expected = side === "client" ? "CANCELED" : undefined;
    assert.equal(telemetry.span().attributes["error.type"], expected);
    // A signal that lives longer than the call does not remember it.
    const { signal } = new AbortController();
    const removed = t.mock.method(signal, "removeEventListener");
    await run(interceptor, next, streamRequest([], { signal }));
    for (let round = 0; round < 20 && telemetry.spans().length < 2; round++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([telemetry.spans().length, removed.mock.callCount()], [2, 1]);
  });

  // contract: OT-INT-1
  test(`${side}: a filter sees service, method and kind; what it rejects is not recorded; what it throws fails`, async () => {
    const telemetry = recordedTelemetry();
    const seen: object[] = [];
    const filter = (call: object) => seen.push(call) > 1;
    const interceptor = createInterceptor({ ...telemetry.options, filter });
    await run(interceptor, answering(), unaryRequest());
    assert.equal(telemetry.spans().length, 0);
    await messagesOf(await run(interceptor, answering(), streamRequest()));
    assert.equal(telemetry.spans().length, 1);
    assert.deepEqual(seen, [
      { service: SERVICE, method: "Echo", stream: false },
      { service: SERVICE, method: "EchoBidiStream", stream: true },
    ]);
    const error = new Error("filter");
    const throwing = createInterceptor({
      ...telemetry.options,
      filter: () => {
        throw error;
      },
    });
    assert.equal(await rejection(run(throwing, answering(), unaryRequest())), error);
  });

  // contract: OT-INT-8
  test(`${side}: a filter of attributes sees those that are known at the beginning`, async () => {
    const telemetry = recordedTelemetry();
    const interceptor = createInterceptor({ ...telemetry.options, attributeFilter: (key) => key === "rpc.method" });
    await rejection(run(interceptor, failing(new Error("a")), unaryRequest()));
    const outcome = { "error.type": "Error" };
    assert.deepEqual(telemetry.span().attributes, { "rpc.method": "Echo", "connectum.transport": "http", ...outcome });
    const [point] = await telemetry.points(`rpc.${side}.call.duration`);
    assert.deepEqual(point?.attributes, { "rpc.method": "Echo", transport: "http", ...outcome });
  });

  // contract: OT-INT-15, OT-off
  test(`${side}: spans and metrics can be left out, each by itself`, async () => {
    const telemetry = recordedTelemetry();
    await run(createInterceptor({ ...telemetry.options, withoutTracing: true }), answering(), unaryRequest());
    assert.deepEqual([telemetry.spans().length, (await telemetry.points(`rpc.${side}.call.duration`)).length], [0, 1]);
    const other = recordedTelemetry();
    await run(createInterceptor({ ...other.options, withoutMetrics: true }), answering(), unaryRequest());
    assert.deepEqual([other.spans().length, (await other.points(`rpc.${side}.call.duration`)).length], [1, 0]);
    const next = answering();
    assert.equal(createInterceptor({ withoutMetrics: true, withoutTracing: true })(next), next);
  });

  // contract: OT-semconv
  test(`${side}: the stable names, on success and failure`, async () => {
    const telemetry = recordedTelemetry();
    const interceptor = createInterceptor({ ...telemetry.options, semconv: "stable" });
    const header = new Headers({ "content-type": "application/grpc+proto" });
    const url = "https://shop.example:8443/a/B";
    await run(interceptor, answering(), unaryRequest({ headers: header, url }));
    await rejection(
      run(interceptor, failing(new ConnectError("a", Code.NotFound)), unaryRequest({ headers: header, url })),
    );
    const stable = {
      "rpc.system.name": "grpc",
      "rpc.method": `${SERVICE}/Echo`,
      "network.protocol.name": "http",
      "network.transport": "tcp",
    };
    const address = { "server.address": "shop.example", "server.port": 8443 };
    const ok = { "rpc.status_code": "OK" };
    const notFound = { "rpc.status_code": "NOT_FOUND", "error.type": "NOT_FOUND" };
    assert.deepEqual(
      telemetry.spans().map(({ attributes }) => attributes),
      [ok, notFound].map((outcome) => ({ ...stable, ...address, "connectum.transport": "http", ...outcome })),
    );
    // What a client calls a server by is no attribute of the server's metrics.
    const known = side === "server" ? {} : address;
    assert.deepEqual(
      (await telemetry.points(`rpc.${side}.call.duration`)).map(({ attributes }) => attributes),
      [ok, notFound].map((outcome) => ({ ...stable, ...known, transport: "http", ...outcome })),
    );
  });

  // contract: OT-SC-7, OT-INT-11, OT-PRV-18
  test(`${side}: after a new start, calls are recorded with the new provider`, async (t) => {
    useEnv(t, {});
    t.after(shutdownProvider);
    t.after(() => metrics.disable());
    const interceptor = createInterceptor();
    for (let round = 0; round < 2; round++) {
      const provider = new MeterProvider();
      const created = t.mock.method(provider, "getMeter");
      metrics.disable();
      metrics.setGlobalMeterProvider(provider);
      await run(interceptor, answering(), unaryRequest());
      assert.ok(existingProvider());
      // One is the question whether a provider is registered.
      assert.equal(created.mock.callCount(), 2);
      await shutdownProvider();
    }
  });

  // contract: OT-SEED-2
  test(`${side}: serviceName names the provider that the first call makes, and no other`, async (t) => {
    useEnv(t, {});
    t.after(shutdownProvider);
    t.after(() => metrics.disable());
    const provider = new MeterProvider();
    const created = t.mock.method(provider, "getMeter");
    metrics.setGlobalMeterProvider(provider);
    const interceptor = createInterceptor({ serviceName: "shop" });
    assert.equal(existingProvider(), undefined);
    await run(interceptor, answering(), unaryRequest());
    assert.equal(created.mock.calls.at(-1)?.arguments[0], "shop");
    await shutdownProvider();
    initProvider({ serviceName: "first" });
    await run(createInterceptor({ serviceName: "second" }), answering(), unaryRequest());
    assert.equal(created.mock.calls.at(-1)?.arguments[0], "first");
  });

  // contract: OT-wrong
  test(`${side}: a wrong variable fails the start; a call it does not fail, and is reported once`, async (t) => {
    useEnv(t, { OTEL_TRACES_EXPORTER: "zipkin" });
    const interceptor = createInterceptor();
    assert.throws(() => callPrepare(interceptor, []), /"OTEL_TRACES_EXPORTER" should be one of/);
    const error = t.mock.method(console, "error", () => {});
    await run(interceptor, answering(), unaryRequest());
    await run(interceptor, answering(), unaryRequest());
    assert.equal(error.mock.callCount(), 1);
  });
}

const messageEvent = (type: string, id: number, size: number) => ({
  "rpc.message.type": type,
  "rpc.message.id": id,
  "rpc.message.uncompressed_size": size,
});

// contract: OT-SC-12
test("a server's span is an error for faults of the server alone, a client's for each code", async () => {
  const faults = { server: [] as string[], client: [] as string[] };
  for (const code of Object.values(Code).filter((one): one is Code => typeof one === "number")) {
    for (const [side, createInterceptor] of sides) {
      const telemetry = recordedTelemetry();
      await rejection(run(createInterceptor(telemetry.options), failing(new ConnectError("a", code)), unaryRequest()));
      if (telemetry.span().status.code === SpanStatusCode.ERROR) faults[side].push(Code[code]);
    }
  }
  assert.deepEqual(faults.server, [
    "Unknown",
    "DeadlineExceeded",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
  ]);
  assert.equal(faults.client.length, 16);
});

// contract: OT-SC-6
test("a unary call whose deadline passes has ended then, and not when its handler notices", async () => {
  const telemetry = recordedTelemetry();
  const signal = new CallSignal();
  const request = Object.assign(unaryRequest(), {
    [ON_ABORT]: (listener: (reason: unknown) => void) => signal.onAbort(listener),
  });
  const calling = run(
    createOtelInterceptor(telemetry.options),
    async (given) => {
      signal.abort(new ConnectError("too late", Code.DeadlineExceeded));
      assert.equal(telemetry.span().attributes["error.type"], "DEADLINE_EXCEEDED");
      return responseTo(given);
    },
    request,
  );
  await calling;
  assert.equal(telemetry.span().attributes["error.type"], "DEADLINE_EXCEEDED");
});

// contract: OT-SC-18, OT-INT-5, OT-MRK-1
test("the marker of calls in process counts in clients; a server of ours knows, and others believe nobody", async () => {
  const header = () => new Headers({ "connectum-internal-transport": "in-process" });
  const transportOf = async (createInterceptor: typeof createOtelInterceptor, more: object) => {
    const telemetry = recordedTelemetry();
    const request = Object.assign(unaryRequest({ headers: header() }), more);
    await run(createInterceptor(telemetry.options), answering(), request);
    return telemetry.span().attributes["connectum.transport"];
  };
  assert.equal(await transportOf(createOtelInterceptor, {}), "http");
  for (const isLocal of [true, false]) {
    const call = { isLocal, protocolName: "connect", observe: () => false };
    const known = await transportOf(createOtelInterceptor, { [OBSERVABLE_CALL]: call });
    assert.equal(known, isLocal ? "in-process" : "http");
  }
  assert.equal(await transportOf(createOtelClientInterceptor, {}), "in-process");
});

// contract: OT-SRV-1, OT-SRV-2
test("with trustRemote the span of the caller is the parent, and there is no link", async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const interceptor = createOtelInterceptor({ ...telemetry.options, trustRemote: true });
  await run(interceptor, answering(), unaryRequest({ headers: new Headers(REMOTE.header) }));
  const span = telemetry.span();
  assert.deepEqual([span.spanContext().traceId, span.parentSpanContext?.spanId], [REMOTE.traceId, REMOTE.spanId]);
  assert.deepEqual(span.links, []);
});

// contract: OT-SC-9, OT-SRV-3
test("without trustRemote the span is a root with a link to the caller, whatever is active", async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const interceptor = createOtelInterceptor(telemetry.options);
  const active = trace.setSpanContext(ROOT_CONTEXT, { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
  await context.with(active, async () => {
    await run(interceptor, answering(), unaryRequest({ headers: new Headers(REMOTE.header) }));
    await run(interceptor, answering(), unaryRequest());
  });
  const [called, other] = telemetry.spans();
  assert.equal(called?.parentSpanContext, undefined);
  assert.notEqual(called?.spanContext().traceId, REMOTE.traceId);
  assert.deepEqual(
    called?.links.map((link) => link.context.spanId),
    [REMOTE.spanId],
  );
  assert.deepEqual([other?.parentSpanContext, other?.links], [undefined, []]);
});

// contract: OT-INT-16
test("handlers run with the span active, also generators, which start later", async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const interceptor = createOtelInterceptor(telemetry.options);
  const seen: unknown[] = [];
  async function* messages() {
    seen.push(trace.getActiveSpan()?.spanContext().spanId);
    yield create(EchoResponseSchema);
  }
  const response = await run(interceptor, async (request) => responseTo(request, messages()), streamRequest());
  await messagesOf(response);
  assert.deepEqual(seen, [telemetry.span().spanContext().spanId]);
});

// contract: OT-SC-10, OT-CLI-3
test("calls that are not traced hand the context of their caller on", async (t) => {
  useContext(t);
  for (const options of [{ withoutTracing: true }, { filter: () => false }]) {
    const telemetry = recordedTelemetry();
    const out = new Headers();
    const client = createOtelClientInterceptor({ ...telemetry.options, ...options });
    const server = createOtelInterceptor({ ...telemetry.options, ...options });
    const next = async (request: AnyRequest) => {
      await run(client, answering(), unaryRequest({ headers: out }));
      return responseTo(request);
    };
    await run(server, next, unaryRequest({ headers: new Headers({ ...REMOTE.header, baggage: "a=b" }) }));
    assert.deepEqual([out.get("traceparent"), out.get("baggage")], [REMOTE.header.traceparent, "a=b"]);
    assert.equal(telemetry.spans().length, 0);
  }
});

// contract: OT-SC-10, OT-SRV-1
test("what is recorded reads and sets Trace Context, though no propagator is registered", async (t) => {
  useEnv(t, {});
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  t.after(() => context.disable());
  assert.deepEqual(propagation.fields(), [], "there is none");
  for (const [options, isTraced] of [
    [{ withoutTracing: true }, false],
    [{ filter: () => false }, false],
    [{ trustRemote: true }, true],
  ] as const) {
    const telemetry = recordedTelemetry();
    const out = new Headers();
    const { trustRemote: _, ...ofClient } = { trustRemote: false, ...options };
    const client = createOtelClientInterceptor({ ...telemetry.options, ...ofClient });
    const server = createOtelInterceptor({ ...telemetry.options, ...options });
    const next = async (request: AnyRequest) => {
      await run(client, answering(), unaryRequest({ headers: out }));
      return responseTo(request);
    };
    await run(server, next, unaryRequest({ headers: new Headers(REMOTE.header) }));
    const [ofCall] = telemetry.spans();
    assert.equal(ofCall?.spanContext().traceId, isTraced ? REMOTE.traceId : undefined);
    const expected = isTraced ? `00-${REMOTE.traceId}-${ofCall?.spanContext().spanId}-01` : REMOTE.header.traceparent;
    assert.equal(out.get("traceparent"), expected);
  }
  const spans = recordedTelemetry();
  await run(createOtelInterceptor(spans.options), answering(), unaryRequest({ headers: new Headers(REMOTE.header) }));
  assert.equal(spans.span().links[0]?.context.spanId, REMOTE.spanId, "the link to a caller that is not trusted");
  useEnv(t, { OTEL_PROPAGATORS: "none" });
  const none = recordedTelemetry();
  await run(createOtelInterceptor(none.options), answering(), unaryRequest({ headers: new Headers(REMOTE.header) }));
  assert.deepEqual(none.span().links, []);
});

// contract: OT-SC-10, OT-wrong
test("a wrong OTEL_PROPAGATORS is an error when the interceptor is prepared", (t) => {
  useEnv(t, { OTEL_PROPAGATORS: "w3c" });
  const prepare = () => callPrepare(createOtelInterceptor(recordedTelemetry().options), []);
  assert.throws(prepare, /OTEL_PROPAGATORS/);
});

// contract: OT-CLI-1, OT-CLI-2
test("a client's span is the child of the active one, and its context replaces that in the headers", async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const active = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: REMOTE.traceId,
    spanId: REMOTE.spanId,
    traceFlags: 1,
  });
  const request = unaryRequest({ headers: new Headers({ traceparent: "old" }) });
  await context.with(active, () => run(createOtelClientInterceptor(telemetry.options), answering(), request));
  const span = telemetry.span();
  assert.equal(span.parentSpanContext?.spanId, REMOTE.spanId);
  assert.equal(request.header.get("traceparent"), `00-${REMOTE.traceId}-${span.spanContext().spanId}-01`);
});

// contract: OT-CLI-4, OT-SRV-5
test("both interceptors need no options, and do nothing until they are called", async (t) => {
  useEnv(t, {});
  t.after(shutdownProvider);
  const interceptors = [createOtelInterceptor(), createOtelClientInterceptor()];
  assert.equal(existingProvider(), undefined);
  const response = await run(interceptors, answering(), unaryRequest());
  assert.equal(response.stream, false);
});

// contract: OT-trust
test("a caller that is not trusted does not set the baggage of a call that is traced", async (t) => {
  useContext(t);
  const seen: unknown[] = [];
  const next = async (request: AnyRequest) => {
    seen.push(propagation.getActiveBaggage()?.getEntry("user")?.value);
    return responseTo(request);
  };
  for (const trustRemote of [false, true]) {
    const interceptor = createOtelInterceptor({ ...recordedTelemetry().options, trustRemote });
    await run(interceptor, next, unaryRequest({ headers: new Headers({ ...REMOTE.header, baggage: "user=root" }) }));
  }
  assert.deepEqual(seen, [undefined, "root"]);
});

// contract: OT-hostile
test("trace context that is none, and baggage without end, do not fail a call", async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const interceptor = createOtelInterceptor({ ...telemetry.options, trustRemote: true });
  for (const header of [
    { traceparent: "00-0-0-0" },
    { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-01` },
    { ...REMOTE.header, tracestate: "=".repeat(5_000) },
    { baggage: "%zz=%zz,=,a" },
    { baggage: Array.from({ length: 2_000 }, (_, index) => `k${index}=v`).join(",") },
  ]) {
    await run(interceptor, answering(), unaryRequest({ headers: new Headers(header as Record<string, string>) }));
  }
  assert.deepEqual(
    telemetry.spans().map(({ parentSpanContext }) => parentSpanContext?.spanId),
    [undefined, undefined, REMOTE.spanId, undefined, undefined],
  );
});

// contract: OT-SC-7
test("the first call of a process keeps its parent", async (t) => {
  useEnv(t, { OTEL_TRACES_EXPORTER: "console" });
  t.mock.method(console, "dir", () => {});
  t.after(shutdownProvider);
  let traceId: string | undefined;
  const next = async (request: AnyRequest) => {
    traceId = trace.getActiveSpan()?.spanContext().traceId;
    return responseTo(request);
  };
  const request = unaryRequest({ headers: new Headers(REMOTE.header) });
  await run(createOtelInterceptor({ trustRemote: true, withoutMetrics: true }), next, request);
  assert.equal(traceId, REMOTE.traceId);
  assert.ok(propagation.fields().length > 0);
});
