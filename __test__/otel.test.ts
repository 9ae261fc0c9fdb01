// The interceptors of @connectum/otel with real servers and clients: our server and connect-node's, each protocol, each
// kind of call, in process, and with the other interceptors.
import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { createDefaultInterceptors } from "@connectum/interceptors";
import {
  createOtelClientInterceptor,
  createOtelInterceptor,
  getLogger,
  getProvider,
  otelShutdown,
  shutdownProvider,
} from "@connectum/otel";
import { SpanKind, trace } from "@opentelemetry/api";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { httpCollector, useEnv } from "./support/collector.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoImpl, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { recordedTelemetry, useContext } from "./support/recorded-telemetry.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

const SERVICE = "connectum.test.v1.EchoService";

/** connect-node's server, with interceptors. */
async function serveByConnectNode(
  t: TestContext,
  impl: EchoImpl,
  interceptors: ReturnType<typeof createOtelInterceptor>[],
) {
  const server = createHttpServer(
    connectNodeAdapter({ interceptors, routes: (router) => router.service(EchoService, impl) }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const systems = { connect: "connect_rpc", grpc: "grpc", "grpc-web": "grpc" };
const requestBytes = (text: string) => toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })).length;
const answerBytes = (text: string, index = 0) =>
  toBinary(EchoResponseSchema, create(EchoResponseSchema, { text, index })).length;

for (const { name, protocol, transport } of protocolClients) {
  // contract: OT-SC-1, OT-SC-11, OT-INT-12, OT-MSG-3
  test(`${name}: each kind of call is one span and one point on both sides, with its sizes`, {
    timeout: 20_000,
  }, async (t) => {
    useContext(t);
    const server = recordedTelemetry();
    const client = recordedTelemetry();
    const { url } = await serveEcho(t, echoAll, { interceptors: [createOtelInterceptor(server.options)] });
    const interceptors = [createOtelClientInterceptor(client.options)];
    const echo = createClient(EchoService, transport(url, { interceptors }));
    await echo.echo({ text: "a" });
    await collect(echo.echoServerStream({ text: "b", count: 2 }));
    await echo.echoClientStream(texts("c", "d"));
    await collect(echo.echoBidiStream(texts("e", "f")));
    const names = ["Echo", "EchoServerStream", "EchoClientStream", "EchoBidiStream"].map((one) => `${SERVICE}/${one}`);
    await eventually(() => server.spans().length === 4, "all spans have ended");
    for (const [side, kind] of [
      [server, SpanKind.SERVER],
      [client, SpanKind.CLIENT],
    ] as const) {
      const spans = side.spans();
      assert.deepEqual(
        spans.map((span) => span.name),
        names,
      );
      for (const span of spans) {
        const { "rpc.system": system, "connectum.transport": place, "error.type": error } = span.attributes;
        assert.deepEqual([span.kind, system, place, error], [kind, systems[protocol], "http", undefined]);
      }
    }
    // Each server's span is linked to the client's.
    assert.deepEqual(
      server.spans().map(({ links }) => links.map((link) => link.context.spanId)),
      client.spans().map((span) => [span.spanContext().spanId]),
    );
    for (const [side, prefix] of [
      [server, "rpc.server"],
      [client, "rpc.client"],
    ] as const) {
      const sizes = async (what: string) =>
        Object.fromEntries(
          (await side.points(`${prefix}.${what}.size`)).map((point) => [point.attributes["rpc.method"], point.sum]),
        );
      const text = requestBytes("a");
      assert.deepEqual(await sizes("request"), {
        Echo: text,
        EchoServerStream: toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "b", count: 2 })).length,
        EchoClientStream: 2 * text,
        EchoBidiStream: 2 * text,
      });
      assert.deepEqual(await sizes("response"), {
        Echo: answerBytes("a"),
        EchoServerStream: answerBytes("b", 0) + answerBytes("b", 1),
        EchoClientStream: answerBytes("c,d"),
        EchoBidiStream: answerBytes("e", 0) + answerBytes("f", 1),
      });
    }
  });
}

for (const [what, start] of [
  [
    "our server",
    async (t: TestContext, impl: EchoImpl, interceptor: ReturnType<typeof createOtelInterceptor>) =>
      (await serveEcho(t, impl, { interceptors: [interceptor] })).url,
  ],
  [
    "connect-node",
    (t: TestContext, impl: EchoImpl, interceptor: ReturnType<typeof createOtelInterceptor>) =>
      serveByConnectNode(t, impl, [interceptor]),
  ],
] as const) {
  const calling = async (t: TestContext, impl: EchoImpl, more = {}) => {
    const telemetry = recordedTelemetry();
    const url = await start(t, impl, createOtelInterceptor({ ...telemetry.options, ...more }));
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
    const ended = async () => {
      await eventually(() => telemetry.spans().length === 1, "all spans have ended");
      return telemetry.span();
    };
    return { client, telemetry, url, ended };
  };

  // contract: OT-SC-6
  test(`${what}: a client that goes away while a stream is sent: canceled`, { timeout: 20_000 }, async (t) => {
    async function* echoServerStream() {
      for (;;) {
        yield { text: "x".repeat(1_000) };
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const { client, ended } = await calling(t, { echoServerStream });
    const controller = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of client.echoServerStream({}, { signal: controller.signal })) controller.abort();
    });
    assert.equal((await ended()).attributes["error.type"], "CANCELED");
  });

  // contract: OT-SC-6
  test(`${what}: a stream that fails late`, { timeout: 20_000 }, async (t) => {
    async function* echoServerStream() {
      yield { text: "a" };
      throw new ConnectError("late", Code.ResourceExhausted);
    }
    const { client, ended } = await calling(t, { echoServerStream });
    await assert.rejects(collect(client.echoServerStream({})), { code: Code.ResourceExhausted });
    const { attributes, status } = await ended();
    assert.deepEqual([attributes["error.type"], status.code], ["RESOURCE_EXHAUSTED", 0]);
  });

  // contract: OT-semconv
  test(`${what}: by the stable names the address is what the client called`, { timeout: 20_000 }, async (t) => {
    const { client, telemetry, url, ended } = await calling(t, echoAll, { semconv: "stable" });
    await client.echo({ text: "a" });
    const { attributes } = await ended();
    const { hostname, port } = new URL(url);
    assert.deepEqual([attributes["server.address"], attributes["server.port"]], [hostname, Number(port)]);
    assert.equal(attributes["rpc.status_code"], "ok");
    const [point] = await telemetry.points("rpc.server.call.duration");
    assert.equal(point?.attributes["server.address"], undefined);
  });
}

// contract: OT-SC-6
test("a deadline is deadline_exceeded, also where the handler does not notice", { timeout: 20_000 }, async (t) => {
  const release = deferred();
  t.after(() => release.resolve());
  const echo = async () => {
    await release.promise;
    return {};
  };
  const telemetry = recordedTelemetry();
  const { url } = await serveEcho(t, { echo }, { interceptors: [createOtelInterceptor(telemetry.options)] });
  // A client of connect would cancel the call itself at the same time.
  const { status } = await fetch(`${url}/${SERVICE}/Echo`, {
    method: "POST",
    headers: { "content-type": "application/json", "connect-timeout-ms": "50" },
    body: "{}",
  });
  assert.equal(status, 504);
  await eventually(() => telemetry.spans().length === 1, "the span has ended");
  assert.equal(telemetry.span().attributes["error.type"], "DEADLINE_EXCEEDED");
});

// contract: OT-SC-6, OT-STR-8
test("a client that breaks out of a stream is canceled at its last message", { timeout: 20_000 }, async (t) => {
  const telemetry = recordedTelemetry();
  const { url } = await serveEcho(t, {
    async *echoServerStream({ text }) {
      for (let index = 0; index < 3; index++) yield { text, index };
    },
  });
  const interceptors = [createOtelClientInterceptor(telemetry.options)];
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors }));
  // In a function of its own, so that nothing keeps the stream. Clients of connect tell nobody that a reader stops.
  await (async () => {
    for await (const _ of client.echoServerStream({ text: "a" })) break;
  })();
  await setTimeout(500);
  await eventually(() => {
    collectGarbage();
    return telemetry.spans().length === 1;
  }, "the stream is collected");
  const { attributes, duration } = telemetry.span();
  assert.equal(attributes["error.type"], "CANCELED");
  assert.ok(duration[0] === 0 && duration[1] < 400e6, `${duration[0]} s ${duration[1]} ns`);
  const [point] = await telemetry.points("rpc.client.call.duration");
  assert.ok(point?.sum !== undefined && point.sum < 0.4, `${point?.sum} s`);
});

// contract: OT-SC-6
test("a client that aborts a stream before it reads it is canceled", { timeout: 20_000 }, async (t) => {
  const telemetry = recordedTelemetry();
  const { url } = await serveEcho(t, echoAll);
  const interceptors = [createOtelClientInterceptor(telemetry.options)];
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors });
  const aborted = new AbortController();
  const { echoServerStream } = EchoService.method;
  const response = await transport.stream(echoServerStream, aborted.signal, undefined, undefined, texts("a"));
  aborted.abort();
  assert.equal(telemetry.span().attributes["error.type"], "CANCELED");
  assert.equal(response.stream, true);
});

// contract: OT-SC-18, OT-MRK-1
test("a client that sends the marker of calls in process is not believed", { timeout: 20_000 }, async (t) => {
  for (const start of ["ours", "connect-node"]) {
    const telemetry = recordedTelemetry();
    const interceptor = createOtelInterceptor(telemetry.options);
    const url =
      start === "ours"
        ? (await serveEcho(t, echoAll, { interceptors: [interceptor] })).url
        : await serveByConnectNode(t, echoAll, [interceptor]);
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
    await client.echo({}, { headers: { "connectum-internal-transport": "in-process" } });
    await eventually(() => telemetry.spans().length === 1, "the span has ended");
    assert.equal(telemetry.span().attributes["connectum.transport"], "http");
  }
});

/** Without what says how a call came. */
function ofBoth(attributes: Readonly<Record<string, unknown>>) {
  const isOfTransport = (key: string) =>
    key === "connectum.transport" || (key.startsWith("network.") && key !== "network.protocol.name");
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !isOfTransport(key)));
}

// contract: OT-PAR-1, OT-PAR-2
test("in process a call has the same spans and points as over the network, but for transport and peer", {
  timeout: 20_000,
}, async (t) => {
  useContext(t);
  const shapes = [];
  for (const isLocal of [true, false]) {
    const telemetry = recordedTelemetry();
    const options = { ...telemetry.options, recordMessages: true, serverAddress: "a" };
    const { server, url } = await serveEcho(
      t,
      { ...echoAll, echo: () => Promise.reject(new ConnectError("no", Code.NotFound)) },
      {
        interceptors: [createOtelInterceptor({ ...options, trustRemote: true })],
        outgoingInterceptors: [createOtelClientInterceptor(options)],
      },
    );
    const interceptors = [createOtelClientInterceptor(options)];
    const wire = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors });
    const client = isLocal ? server.client(EchoService) : createClient(EchoService, wire);
    await assert.rejects(client.echo({ text: "a" }));
    await collect(client.echoServerStream({ text: "b", count: 2 }));
    await eventually(() => telemetry.spans().length === 4, "all spans have ended");
    const spans = telemetry.spans().map(({ name, kind, status, attributes, events, links, parentSpanContext }) => ({
      ...{ name, kind, status, links, hasParent: parentSpanContext !== undefined },
      attributes: ofBoth(attributes),
      events: events.map((event) => event.name),
    }));
    spans.sort((a, b) => `${a.name}${a.kind}`.localeCompare(`${b.name}${b.kind}`));
    const place = new Set(telemetry.spans().map(({ attributes }) => attributes["connectum.transport"]));
    assert.deepEqual([...place], [isLocal ? "in-process" : "http"]);
    const points = (await telemetry.points("rpc.server.call.duration")).map(({ attributes, count }) => [
      Object.keys(attributes).sort(),
      count,
    ]);
    shapes.push({ spans, points });
  }
  assert.deepEqual(shapes[0], shapes[1]);
});

// contract: OT-SRV-2, OT-CLI-1, OT-INT-16
test("a handler's call is a child of its span: one trace through three servers", { timeout: 20_000 }, async (t) => {
  useContext(t);
  const telemetry = recordedTelemetry();
  const { options } = telemetry;
  const trusting = createOtelInterceptor({ ...options, trustRemote: true });
  const outgoing = createOtelClientInterceptor(options);
  const last = await serveByConnectNode(t, echoAll, [trusting]);
  const to = (url: string) =>
    createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [outgoing] }));
  const second = await serveEcho(t, { echo: (request) => to(last).echo(request) }, { interceptors: [trusting] });
  const first = await serveEcho(t, { echo: (request) => to(second.url).echo(request) }, { interceptors: [trusting] });
  await to(first.url).echo({ text: "a" });
  await eventually(() => telemetry.spans().length === 6, "all spans have ended");
  assert.equal(new Set(telemetry.spans().map((span) => span.spanContext().traceId)).size, 1);
  const parents = telemetry.spans().filter(({ parentSpanContext }) => parentSpanContext === undefined);
  assert.equal(parents.length, 1);
});

// contract: OT-SEED-1
test("both seed forms run, behind the default interceptors", { timeout: 20_000 }, async (t) => {
  useEnv(t, {});
  t.after(shutdownProvider);
  for (const interceptor of [createOtelInterceptor({ serviceName: "my-service" }), createOtelInterceptor()]) {
    const { url } = await serveEcho(t, echoAll, { interceptors: [...createDefaultInterceptors(), interceptor] });
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
    assert.equal((await client.echo({ text: "a" })).text, "a");
  }
});

// contract: OT-wrong
test("a server with a wrong variable does not start, and its error says what would be right", async (t) => {
  useEnv(t, { OTEL_TRACES_EXPORTER: "jaeger" });
  const services = [(router: { service(...given: unknown[]): unknown }) => router.service(EchoService, {})];
  const server = createServer({ services: services as never, port: 0, interceptors: [createOtelInterceptor()] });
  server.on("error", () => {});
  await assert.rejects(server.start(), {
    name: "EnvVarError",
    message:
      'env-var: "OTEL_TRACES_EXPORTER" should be one of [console, otlp, otlp/http, otlp/grpc, none], but was "jaeger"',
  });
});

// contract: OT-PRV-19, OT-shutdown
test("otelShutdown() exports spans, points and records when the server has stopped, after the hooks it is told", {
  timeout: 20_000,
}, async (t) => {
  const { url: collector, exported } = await httpCollector(t);
  useEnv(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_BSP_SCHEDULE_DELAY: "60000" });
  t.after(shutdownProvider);
  const before = process.listenerCount("SIGTERM");
  const logger = getLogger("shop");
  const { server, url } = await serveEcho(t, echoAll, {
    interceptors: [createOtelInterceptor({ serviceName: "shop" })],
    logger: logger as never,
  });
  assert.equal(process.listenerCount("SIGTERM"), before);
  otelShutdown(server, ["database"]);
  server.onShutdown("database", () => void getProvider().tracer.startSpan("closing the database").end());
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  await client.echo({ text: "a" });
  logger.info("before the end");
  assert.equal(exported.length, 0);
  await server.stop();
  const bodyOf = (path: string) => exported.find((one) => one.path === path)?.body.toString("latin1") ?? "";
  assert.ok(bodyOf("/v1/traces").includes(`${SERVICE}/Echo`));
  assert.ok(bodyOf("/v1/traces").includes("closing the database"));
  assert.ok(bodyOf("/v1/metrics").includes("rpc.server.call.duration"));
  assert.ok(bodyOf("/v1/logs").includes("before the end"));
  assert.equal(trace.getTracer("a").startSpan("a").isRecording(), false);
});
