// What a server of ours tells the telemetry of a call: sizes without a second serialization, the end when the response
// is written, and who has called.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Context, type CreateServerOptions, createLocalTransport, defineCatalog } from "@connectum/core";
import { onAbort, PEER } from "@connectum/hooks";
import { createOtelClientInterceptor, createOtelInterceptor, type OtelInterceptorOptions } from "@connectum/otel";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AlwaysOffSampler, BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoImpl, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { REMOTE, recordedTelemetry, useContext } from "./support/recorded-telemetry.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";
import { socketPath } from "./support/unix-socket.ts";

const SERVICE = "connectum.test.v1.EchoService";
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const requestBytes = (text: string) => toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })).length;
const responseBytes = (text: string, index = 0) =>
  toBinary(EchoResponseSchema, create(EchoResponseSchema, { text, index })).length;

interface Setup {
  readonly otel?: OtelInterceptorOptions;
  /** In front of the telemetry. */
  readonly outer?: readonly Interceptor[];
  readonly server?: Partial<CreateServerOptions>;
}

/** A server whose calls are recorded. */
async function serveRecorded(t: TestContext, impl: EchoImpl, { otel, outer = [], server }: Setup = {}) {
  const telemetry = recordedTelemetry();
  const interceptor = createOtelInterceptor({ ...telemetry.options, ...otel });
  const served = await serveEcho(t, impl, { logger: silent, ...server, interceptors: [...outer, interceptor] });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: served.url, httpVersion: "1.1" }));
  const ended = async (count = 1) => {
    await eventually(() => telemetry.spans().length === count, "all spans have ended");
    return telemetry.spans().at(-1) as ReadableSpan;
  };
  const sizes = async () => {
    const sum = async (what: string) => (await telemetry.points(`rpc.server.${what}.size`))[0]?.sum;
    return [await sum("request"), await sum("response")];
  };
  return { ...served, telemetry, client, ended, sizes };
}

// contract: OT-SC-1
test("sizes of a server cost no second serialization, also with events", { timeout: 20_000 }, async (t) => {
  let reads = 0;
  const readsOf = async (otel: OtelInterceptorOptions) => {
    async function* echoServerStream() {
      yield counting();
    }
    const { client, ended } = await serveRecorded(t, { echo: () => counting(), echoServerStream }, { otel });
    reads = 0;
    await client.echo({ text: "a" });
    await collect(client.echoServerStream({ text: "a" }));
    await ended(2);
    return reads;
  };
  const counting = () =>
    Object.defineProperty(create(EchoResponseSchema), "text", {
      get() {
        reads += 1;
        return "answer";
      },
    });
  const without = await readsOf({ sizes: false });
  assert.ok(without > 0);
  assert.equal(await readsOf({ recordMessages: true }), without);
});

for (const { name, transport } of protocolClients) {
  // contract: OT-SC-1, OT-MSG-4, OT-MSG-5
  test(`${name}: events and sizes are those of the messages that were read and written`, {
    timeout: 20_000,
  }, async (t) => {
    const { url, ended, sizes, telemetry } = await serveRecorded(t, echoAll, { otel: { recordMessages: true } });
    await collect(createClient(EchoService, transport(url, {})).echoBidiStream(texts("a", "longer")));
    const events = (await ended()).events.map(({ name: event, attributes = {} }) => [
      event,
      ...Object.values(attributes),
    ]);
    const of = (type: string) => events.filter((event) => event[1] === type);
    const received = [requestBytes("a"), requestBytes("longer")];
    const sent = [responseBytes("a"), responseBytes("longer", 1)];
    assert.deepEqual(
      of("RECEIVED"),
      received.map((bytes, index) => ["rpc.message", "RECEIVED", index + 1, bytes]),
    );
    assert.deepEqual(
      of("SENT"),
      sent.map((bytes, index) => ["rpc.message", "SENT", index + 1, bytes]),
    );
    assert.equal(telemetry.span().events.length, 4);
    assert.deepEqual(await sizes(), [
      (received[0] as number) + (received[1] as number),
      (sent[0] as number) + (sent[1] as number),
    ]);
  });
}

// contract: OT-SC-1
test("sizes of JSON are those of the JSON, and large messages have theirs", { timeout: 20_000 }, async (t) => {
  const text = "é".repeat(100_000);
  const { url, ended, sizes } = await serveRecorded(t, echoAll);
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: false });
  await createClient(EchoService, transport).echo({ text });
  await ended();
  const json = toJsonString(EchoResponseSchema, create(EchoResponseSchema, { text }));
  assert.deepEqual(await sizes(), [Buffer.byteLength(json), Buffer.byteLength(json)]);
});

// contract: OT-SC-1
test("in process, where nothing is serialized, sizes are those of the messages in binary", {
  timeout: 20_000,
}, async (t) => {
  const { server, ended, sizes } = await serveRecorded(t, echoAll);
  await createClient(EchoService, createLocalTransport(server)).echo({ text: "answer" });
  await ended();
  assert.deepEqual(await sizes(), [requestBytes("answer"), responseBytes("answer")]);
});

// contract: OT-written
test("span and points end when the response is written, behind all interceptors", { timeout: 20_000 }, async (t) => {
  let spansInside = 0;
  const slow: Interceptor = (next) => async (request) => {
    const response = await next(request);
    await new Promise((resolve) => setTimeout(resolve, 30));
    spansInside = recorded.telemetry.spans().length;
    return response;
  };
  const recorded = await serveRecorded(t, echoAll, { outer: [slow] });
  await recorded.client.echo({ text: "a" });
  const { duration } = await recorded.ended();
  assert.equal(spansInside, 0);
  assert.ok(duration[1] >= 29e6, `${duration}`);
  const [point] = await recorded.telemetry.points("rpc.server.call.duration");
  assert.ok((point?.sum ?? 0) >= 0.029, `${point?.sum}`);
});

for (const [what, impl, run] of [
  ["a response", { echo: () => ({ index: "one" as never }) }, (client) => client.echo({})],
  [
    "a message of a stream",
    {
      async *echoServerStream() {
        yield { text: "a" };
        yield { index: "one" as never };
      },
    },
    (client) => collect(client.echoServerStream({})),
  ],
] as [string, EchoImpl, (client: Awaited<ReturnType<typeof serveRecorded>>["client"]) => Promise<unknown>][]) {
  for (const semconv of ["legacy", "stable"] as const) {
    // contract: OT-written
    test(`${semconv} names: ${what} that cannot be serialized is internal on the span and the points`, {
      timeout: 20_000,
    }, async (t) => {
      const { client, ended, telemetry } = await serveRecorded(t, impl, { otel: { semconv } });
      await assert.rejects(run(client), { code: Code.Internal });
      const { attributes, status, events } = await ended();
      assert.equal(attributes["error.type"], semconv === "legacy" ? "INTERNAL" : "internal");
      assert.equal(status.code, SpanStatusCode.ERROR);
      assert.match(status.message ?? "", /^\[internal\] the response cannot be sent: .*int32/);
      assert.deepEqual(
        events.map((event) => event.name),
        ["exception"],
      );
      const [point] = await telemetry.points("rpc.server.call.duration");
      assert.equal(point?.attributes["error.type"], attributes["error.type"]);
    });
  }
}

// contract: OT-written
test("an error of the handler keeps its class, in a stream too", { timeout: 20_000 }, async (t) => {
  const { client, ended } = await serveRecorded(t, {
    echo: () => Promise.reject(new RangeError("a bug")),
    async *echoServerStream() {
      yield { text: "a" };
      throw new RangeError("a bug");
    },
  });
  await assert.rejects(client.echo({}));
  assert.equal((await ended()).attributes["error.type"], "RangeError");
  await assert.rejects(collect(client.echoServerStream({})));
  assert.equal((await ended(2)).attributes["error.type"], "RangeError");
});

// contract: OT-written
test("a failure that an interceptor in front of it mends is a failure; each attempt is a span", {
  timeout: 20_000,
}, async (t) => {
  let attempts = 0;
  const impl: EchoImpl = {
    echo() {
      attempts += 1;
      if (attempts === 1) throw new ConnectError("not yet", Code.Unavailable);
      return { text: "answer" };
    },
  };
  const again: Interceptor = (next) => (request) => next(request).catch(() => next(request));
  const { client, ended, telemetry } = await serveRecorded(t, impl, { outer: [again] });
  assert.equal((await client.echo({ text: "a" })).text, "answer");
  await ended(2);
  assert.deepEqual(
    telemetry.spans().map(({ attributes }) => attributes["error.type"]),
    ["UNAVAILABLE", undefined],
  );
  const points = await telemetry.points("rpc.server.response.size");
  assert.deepEqual(
    points.map(({ attributes, sum }) => [attributes["error.type"], sum]),
    [
      ["UNAVAILABLE", 0],
      [undefined, responseBytes("answer")],
    ],
  );
});

// contract: OT-written
test("a response that an interceptor in front of it does not pass on is what the client gets", {
  timeout: 20_000,
}, async (t) => {
  const refusing: Interceptor = (next) => async (request) => {
    await next(request);
    throw new ConnectError("changed my mind", Code.Aborted);
  };
  const { client, ended } = await serveRecorded(t, echoAll, { outer: [refusing] });
  await assert.rejects(client.echo({}), { code: Code.Aborted });
  assert.equal((await ended()).attributes["error.type"], "ABORTED");
  await assert.rejects(collect(client.echoServerStream({})), { code: Code.Aborted });
  assert.equal((await ended(2)).attributes["error.type"], "ABORTED");
});

// contract: OT-SC-6
test("a call whose client went away before it came to the telemetry has a span that ends", {
  timeout: 20_000,
}, async (t) => {
  for (const isStream of [false, true]) {
    const [entered, aborted] = [deferred(), deferred()];
    const late: Interceptor = (next) => async (request) => {
      onAbort(request, () => aborted.resolve());
      entered.resolve();
      await aborted.promise;
      return next(request);
    };
    const { client, ended } = await serveRecorded(t, echoAll, { outer: [late] });
    const { signal, abort } = abortable();
    const call = isStream ? collect(client.echoServerStream({}, { signal })) : client.echo({}, { signal });
    call.catch(() => {});
    await entered.promise;
    abort();
    await assert.rejects(call);
    const { attributes } = await ended();
    // A unary handler answers at once, and nobody hears it.
    if (isStream) assert.equal(attributes["error.type"], "CANCELED");
  }
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

// contract: OT-SC-6
test("streams that shutdown aborts end as their handlers end them", { timeout: 20_000 }, async (t) => {
  const entered = deferred();
  const impl: EchoImpl = {
    async *echoServerStream(_, { signal }) {
      yield { text: "first" };
      entered.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield { text: "last" };
    },
  };
  const shutdown = { timeout: 5_000, streamGracePeriod: 1 };
  const { client, server, ended, sizes } = await serveRecorded(t, impl, { server: { shutdown } });
  const received = collect(client.echoServerStream({}));
  await entered.promise;
  await server.stop();
  assert.deepEqual(await received, [
    ["first", 0],
    ["last", 0],
  ]);
  assert.equal((await ended()).attributes["error.type"], undefined);
  assert.deepEqual(await sizes(), [0, responseBytes("first") + responseBytes("last")]);
});

for (const [how, change] of Object.entries<(request: UnaryRequest | StreamRequest) => UnaryRequest | StreamRequest>({
  "does nothing": (request) => request,
  "reads the header": (request) => (request.header.get("traceparent") === null ? assert.fail() : request),
  "deletes it": (request) => {
    request.header.delete("traceparent");
    return request;
  },
  "has it in a copy with other headers": (request) => ({ ...request, header: new Headers() }),
  "sets other headers": (request) => Object.assign(request, { header: new Headers() }),
  "derives a request with other headers": (request) => Object.create(request, { header: { value: new Headers() } }),
  "puts a proxy with other headers before it": (request) =>
    new Proxy(request, { get: (of, key) => (key === "header" ? new Headers() : Reflect.get(of, key)) }),
})) {
  // contract: OT-SRV-1
  test(`trace context is what an interceptor in front leaves of it: one that ${how}`, {
    timeout: 20_000,
  }, async (t) => {
    useContext(t);
    const outer: Interceptor = (next) => (request) => next(change(request));
    const { client, ended } = await serveRecorded(t, echoAll, { outer: [outer] });
    await client.echo({}, { headers: REMOTE.header });
    const isLeft = how === "does nothing" || how === "reads the header";
    assert.deepEqual(
      (await ended()).links.map((link) => link.context.spanId),
      isLeft ? [REMOTE.spanId] : [],
    );
  });
}

const networkOf = ({ attributes }: ReadableSpan) =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith("network.")));

for (const semconv of ["legacy", "stable"] as const) {
  // contract: OT-SC-20
  test(`${semconv} names: spans have the address of the peer, the HTTP version and the kind of socket`, {
    timeout: 20_000,
  }, async (t) => {
    const path = socketPath(t);
    const { server, url, ended, telemetry } = await serveRecorded(t, echoAll, {
      otel: { semconv },
      server: { listeners: [{ path }, { host: "127.0.0.1", port: 0 }], host: undefined, port: undefined },
    });
    const baseUrl = url;
    let count = 0;
    const spanOf = async (transport: Parameters<typeof createClient>[1]) => {
      await createClient(EchoService, transport).echo({ text: "a" });
      count += 1;
      return networkOf(await ended(count));
    };
    const name = semconv === "legacy" ? "connect_rpc" : "http";
    for (const [httpVersion, version] of [
      ["1.1", "1.1"],
      ["2", "2"],
    ] as const) {
      const { "network.peer.port": port, ...others } = await spanOf(createConnectTransport({ baseUrl, httpVersion }));
      assert.ok(Number(port) > 0 && Number(port) !== Number(new URL(url).port));
      assert.deepEqual(others, {
        "network.protocol.name": name,
        "network.transport": "tcp",
        "network.peer.address": "127.0.0.1",
        "network.protocol.version": version,
      });
    }
    const nodeOptions = { createConnection: () => connect(path) };
    assert.deepEqual(
      await spanOf(createConnectTransport({ baseUrl: "http://localhost", httpVersion: "2", nodeOptions })),
      {
        "network.protocol.name": name,
        "network.transport": "unix",
        "network.protocol.version": "2",
      },
    );
    assert.deepEqual(await spanOf(createLocalTransport(server)), {
      "network.protocol.name": name,
      "network.transport": "inproc",
    });
    for (const { attributes } of await telemetry.points("rpc.server.call.duration")) {
      assert.deepEqual(
        Object.keys(attributes).filter((key) => key.startsWith("network.")),
        ["network.protocol.name", "network.transport"],
      );
    }
  });
}

// contract: OT-SC-20
test("attributeFilter keeps the address of the peer off spans", { timeout: 20_000 }, async (t) => {
  const attributeFilter = (key: string) => !key.startsWith("network.peer.");
  const { client, ended } = await serveRecorded(t, echoAll, { otel: { attributeFilter } });
  await client.echo({ text: "a" });
  assert.deepEqual(Object.keys(networkOf(await ended())).sort(), [
    "network.protocol.name",
    "network.protocol.version",
    "network.transport",
  ]);
});

// contract: OT-SC-20
test("who has called is asked for by spans that record, and by no others", { timeout: 20_000 }, async (t) => {
  for (const [otel, expected] of [
    [{}, 1],
    [{ tracerProvider: new BasicTracerProvider({ sampler: new AlwaysOffSampler() }) }, 0],
    [{ withoutTracing: true }, 0],
  ] as const) {
    let asked = 0;
    const counting: Interceptor = (next) => (request) => {
      const { contextValues } = request;
      const watched = Object.create(contextValues, {
        get: {
          value(key: Parameters<typeof contextValues.get>[0]) {
            if (key.id === PEER) asked += 1;
            return contextValues.get(key);
          },
        },
      });
      return next(Object.create(request, { contextValues: { value: watched } }));
    };
    const { client } = await serveRecorded(t, echoAll, { otel, outer: [counting] });
    await client.echo({ text: "a" });
    assert.equal(asked, expected);
  }
});

const catalog = defineCatalog({ [EchoService.typeName]: EchoService, [Greeter.typeName]: Greeter });

for (const isLocal of [true, false]) {
  // contract: OT-PAR-1, OT-CLI-1, OT-SC-1
  test(`${isLocal ? "in process" : "to another server"}: ctx.call is a client's span in the handler's, with its sizes`, {
    timeout: 20_000,
  }, async (t) => {
    useContext(t);
    const telemetry = recordedTelemetry();
    const trusting = createOtelInterceptor({ ...telemetry.options, trustRemote: true });
    const other = await serveEcho(t, echoAll, { interceptors: [trusting] });
    const greet = async (_: unknown, context: Context) => {
      const { text } = (await context.call(`${SERVICE}/Echo` as never, { text: "answer" } as never)) as {
        text: string;
      };
      const stream = context.stream(`${SERVICE}/EchoServerStream` as never) as (request: object) => AsyncIterable<{
        text: string;
        index: number;
      }>;
      await collect(stream({ text: "b" }));
      return { greeting: text };
    };
    const { server } = await serveEcho(t, isLocal ? echoAll : {}, {
      services: [(router) => router.service(Greeter, { greet } as never)],
      ...(isLocal ? {} : { enabledServices: [Greeter.typeName] }),
      catalog,
      remoteResolver: () => createConnectTransport({ baseUrl: other.url, httpVersion: "2" }),
      interceptors: [trusting],
      outgoingInterceptors: [createOtelClientInterceptor(telemetry.options)],
    });
    assert.equal((await createClient(Greeter, createLocalTransport(server)).greet({})).greeting, "answer");
    await eventually(() => telemetry.spans().length === 5, "all spans have ended");
    const spans = telemetry.spans();
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    const root = spans.find(({ parentSpanContext }) => parentSpanContext === undefined);
    assert.equal(root?.name, "hello.v1.Greeter/Greet");
    for (const method of ["Echo", "EchoServerStream"]) {
      const [client, served] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) =>
        spans.find((span) => span.name === `${SERVICE}/${method}` && span.kind === kind),
      );
      assert.equal(client?.parentSpanContext?.spanId, root?.spanContext().spanId);
      assert.equal(served?.parentSpanContext?.spanId, client?.spanContext().spanId);
      for (const span of [client, served]) {
        assert.equal(span?.attributes["connectum.transport"], isLocal ? "in-process" : "http");
        assert.equal(span?.attributes["error.type"], undefined);
      }
      assert.equal(client?.attributes["network.peer.address"], undefined);
      assert.equal(served?.attributes["network.peer.address"], isLocal ? undefined : "127.0.0.1");
    }
    for (const prefix of ["rpc.client", "rpc.server"]) {
      const sizes = async (what: string) =>
        Object.fromEntries(
          (await telemetry.points(`${prefix}.${what}.size`))
            .filter(({ attributes }) => attributes["rpc.service"] === SERVICE)
            .map(({ attributes, sum }) => [attributes["rpc.method"], sum]),
        );
      assert.deepEqual(await sizes("request"), { Echo: requestBytes("answer"), EchoServerStream: requestBytes("b") });
      assert.deepEqual(await sizes("response"), {
        Echo: responseBytes("answer"),
        EchoServerStream: responseBytes("b", 0) + responseBytes("b", 1),
      });
    }
  });
}

test("a call of a method that no service has is answered without a span", { timeout: 20_000 }, async (t) => {
  const { url, client, ended, telemetry } = await serveRecorded(t, echoAll, { otel: { semconv: "stable" } });
  const greeter = createClient(Greeter, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  await assert.rejects(greeter.greet({}), { code: Code.Unimplemented });
  await client.echo({});
  assert.equal((await ended()).name, `${SERVICE}/Echo`);
  assert.equal((await telemetry.points("rpc.server.call.duration")).length, 1);
});
