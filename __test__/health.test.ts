// grpc.health.v1: the reported statuses, over all protocols.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request as requestHttp1 } from "node:http";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer } from "@connectum/core";
import {
  createHealthcheckManager,
  Healthcheck,
  type HealthcheckManager,
  type HealthcheckOptions,
  ServingStatus,
} from "@connectum/healthcheck";
import { Health } from "@connectum/healthcheck/proto";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { eventually } from "./support/eventually.ts";
import { serve } from "./support/serve.ts";
import { nodeClients } from "./support/transports.ts";

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const ECHO = EchoService.typeName;

/** A server with the echo service and health. */
async function serveHealth(
  t: TestContext,
  options: HealthcheckOptions = {},
  server: Partial<CreateServerOptions> = {},
) {
  const manager = options.manager ?? createHealthcheckManager();
  const served = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
    protocols: [Healthcheck({ ...options, manager })],
    ...server,
  });
  const client = createClient(Health, createGrpcTransport({ baseUrl: served.url }));
  return { ...served, manager, client };
}

/** The statuses that a watch receives. */
function collect(statuses: AsyncIterable<{ status: ServingStatus }>) {
  const seen: ServingStatus[] = [];
  const over = (async () => {
    for await (const { status } of statuses) seen.push(status);
  })();
  return { seen, over };
}

const isCode = (code: Code, message: string) => (error: unknown) => {
  assert.ok(error instanceof ConnectError, String(error));
  assert.deepEqual([error.code, error.rawMessage], [code, message]);
  return true;
};

for (const useBinaryFormat of [true, false]) {
  for (const { name, transport } of nodeClients) {
    // contract: HC-answered, HC-28, HC-29, HC-30, HC-31, HC-36, HC-list
    test(`${name}, ${useBinaryFormat ? "protobuf" : "JSON"}: Check, List and Watch`, { timeout: 20_000 }, async (t) => {
      const { url, manager } = await serveHealth(t);
      const client = createClient(Health, transport(url, { useBinaryFormat }));
      assert.equal((await client.check({ service: ECHO })).status, UNKNOWN);
      assert.equal((await client.check({})).status, NOT_SERVING);
      manager.set("db", NOT_SERVING);
      manager.update(SERVING, ECHO);
      assert.equal((await client.check({ service: ECHO })).status, SERVING);
      assert.equal((await client.check({ service: "db" })).status, NOT_SERVING);
      const { statuses } = await client.list({});
      const listed = Object.entries(statuses).map(([entry, { status }]) => [entry, status]);
      assert.deepEqual(Object.fromEntries(listed), { "": NOT_SERVING, [ECHO]: SERVING, db: NOT_SERVING });
      await assert.rejects(client.check({ service: "no.Such" }), isCode(Code.NotFound, "Service 'no.Such' not found"));

      const abort = new AbortController();
      const watch = collect(client.watch({ service: "db" }, { signal: abort.signal }));
      await eventually(() => watch.seen.length === 1, "the state at once");
      manager.set("db", SERVING);
      await eventually(() => watch.seen.length === 2, "the next");
      abort.abort();
      await assert.rejects(watch.over, /abort/i);
      assert.deepEqual(watch.seen, [NOT_SERVING, SERVING]);
    });
  }
}

// contract: HC-32, HC-33, HC-watch-push
test("a Watch sees every status, however short, also of names that do not exist yet", {
  timeout: 20_000,
}, async (t) => {
  const { client, manager } = await serveHealth(t);
  const component = collect(client.watch({ service: "cache" }));
  const overall = collect(client.watch({}));
  await eventually(() => component.seen.length === 1 && overall.seen.length === 1, "both watch");
  manager.update(SERVING);
  manager.register("cache");
  manager.set("cache", SERVING);
  manager.set("cache", NOT_SERVING);
  manager.set("cache", SERVING);
  manager.unregister("cache");
  await eventually(() => component.seen.length === 6, `all states of the component: ${component.seen}`);
  assert.deepEqual(component.seen, [SERVICE_UNKNOWN, UNKNOWN, SERVING, NOT_SERVING, SERVING, SERVICE_UNKNOWN]);
  await eventually(() => overall.seen.length === 6, `all states of the server: ${overall.seen}`);
  assert.deepEqual(overall.seen, [NOT_SERVING, SERVING, NOT_SERVING, SERVING, NOT_SERVING, SERVING]);
});

// contract: HC-34
test("a Watch with a deadline ends with it", { timeout: 20_000 }, async (t) => {
  const { client } = await serveHealth(t);
  const watch = collect(client.watch({ service: ECHO }, { timeoutMs: 200 }));
  await assert.rejects(watch.over, (error: ConnectError) => error.code === Code.DeadlineExceeded);
  assert.deepEqual(watch.seen, [UNKNOWN]);
});

// contract: HC-watch-draining, HC-35
test("a stopping server sends NOT_SERVING to watchers and ends their streams; the manager does not change", {
  timeout: 20_000,
}, async (t) => {
  const { client, manager, server } = await serveHealth(t);
  manager.update(SERVING);
  const watches = [ECHO, ""].map((service) => collect(client.watch({ service })));
  await eventually(() => watches.every(({ seen }) => seen.length === 1), "all watch");
  const startedAt = performance.now();
  await server.stop();
  for (const { seen, over } of watches) {
    await over;
    assert.deepEqual(seen, [SERVING, NOT_SERVING]);
  }
  assert.ok(performance.now() - startedAt < 900, "stop() did not wait for the watches");
  assert.equal(manager.getStatus(ECHO)?.status, SERVING);
  assert.equal(manager.areAllHealthy(), true);
});

// contract: HC-draining
test("a stopping server responds with NOT_SERVING on open connections", {
  timeout: 20_000,
}, async (t) => {
  const { manager, server, port } = await serveHealth(t, { httpEnabled: true });
  manager.update(SERVING);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const ask = async (method: string, path: string, body?: string) => {
    const headers = { "content-type": "application/json" };
    const request = requestHttp1({ port, agent, method, path, headers }).end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return `${response.statusCode} ${(await text(response)).replace(/,"timestamp.*/, "")}`;
  };
  const askAll = () =>
    Promise.all([
      ask("GET", "/healthz"),
      ask("GET", `/readyz?service=${ECHO}`),
      ask("GET", "/livez"),
      ask("POST", "/grpc.health.v1.Health/Check", JSON.stringify({ service: ECHO })),
    ]);
  const serving = '200 {"status":"SERVING"';
  assert.deepEqual(await askAll(), [
    `${serving},"service":"overall"`,
    `${serving},"service":"${ECHO}"`,
    `${serving},"service":"overall"`,
    `${serving}}`,
  ]);
  const stopped = server.stop();
  const notServing = '{"status":"NOT_SERVING"';
  assert.deepEqual(await askAll(), [
    `503 ${notServing},"service":"overall"`,
    `503 ${notServing},"service":"${ECHO}"`,
    `${serving},"service":"overall"`,
    `200 ${notServing}}`,
  ]);
  await stopped;
});

// contract: HC-5, HC-23
test("the application sets its status in listeners of the server", { timeout: 20_000 }, async (t) => {
  const manager = createHealthcheckManager();
  const server = createServer({
    services: [(router) => router.service(EchoService, {})],
    protocols: [Healthcheck({ manager })],
    host: "127.0.0.1",
    port: 0,
  });
  server.on("ready", () => manager.update(SERVING));
  server.on("stopping", () => manager.update(NOT_SERVING));
  await server.start();
  const client = createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.address?.port}` }));
  assert.equal((await client.check({})).status, SERVING);
  const watch = collect(client.watch({ service: ECHO }));
  await eventually(() => watch.seen.length === 1, "it watches");
  await server.stop();
  await watch.over;
  assert.deepEqual(watch.seen, [SERVING, NOT_SERVING], "once");
  assert.equal(manager.getStatus(ECHO)?.status, NOT_SERVING);
  const quiet = await serveHealth(t);
  assert.equal((await quiet.client.check({ service: ECHO })).status, UNKNOWN, "the other server is not affected");
});

// contract: HC-4
test("only mounted services are known, health and reflection never are", { timeout: 20_000 }, async (t) => {
  const { manager, client } = await serveHealth(t);
  assert.deepEqual([...manager.getAllStatuses().keys()], [ECHO]);
  await assert.rejects(
    client.check({ service: Health.typeName }),
    isCode(Code.NotFound, `Service '${Health.typeName}' not found`),
  );
});

// contract: HC-own-manager
test("two servers with their own managers do not affect each other", { timeout: 20_000 }, async (t) => {
  const one = await serveHealth(t);
  const two = await serveHealth(t, {}, { services: [] });
  one.manager.update(SERVING);
  two.manager.set("process", NOT_SERVING);
  assert.equal((await one.client.check({})).status, SERVING);
  assert.equal((await two.client.check({})).status, NOT_SERVING);
  await two.server.stop();
  assert.equal((await one.client.check({})).status, SERVING, "nor does one that stops");
});

// contract: HC-own-manager
test("two servers may share one manager", { timeout: 20_000 }, async (t) => {
  const manager = createHealthcheckManager();
  const one = await serveHealth(t, { manager });
  const two = await serveHealth(t, { manager });
  manager.update(SERVING);
  for (const { client } of [one, two]) assert.equal((await client.check({ service: ECHO })).status, SERVING);
  await one.server.stop();
  assert.equal((await two.client.check({ service: ECHO })).status, SERVING);
});

// contract: HC-remembered, HC-37
test("an update before the server starts is remembered; a stopped server gets no updates", {
  timeout: 20_000,
}, async (t) => {
  const manager = createHealthcheckManager();
  manager.update(SERVING);
  const { client, server } = await serveHealth(t, { manager });
  assert.equal((await client.check({ service: ECHO })).status, SERVING);
  await server.stop();
  manager.update(NOT_SERVING);
  assert.equal(manager.eventLoopLagMs, 0, "no server uses the manager any more");
});

// contract: HC-autoServing
test("autoServing makes the services serve once the server is ready", { timeout: 20_000 }, async (t) => {
  const { client, manager } = await serveHealth(t, { autoServing: true });
  assert.equal((await client.check({})).status, SERVING);
  manager.set("db", NOT_SERVING);
  assert.equal((await client.check({})).status, NOT_SERVING);
});

/** Counts calls, and rejects those of health on request. */
function gate(): { interceptor: Interceptor; passed: string[]; refuse: boolean } {
  const state = {
    passed: [] as string[],
    refuse: false,
    interceptor: ((next) => (request) => {
      state.passed.push(request.method.name);
      if (state.refuse) throw new ConnectError("who are you?", Code.Unauthenticated);
      return next(request);
    }) as Interceptor,
  };
  return state;
}

// contract: HC-interceptors
test("interceptors do not run for health", { timeout: 20_000 }, async (t) => {
  const { interceptor, passed } = gate();
  const { client, url } = await serveHealth(t, {}, { interceptors: [interceptor] });
  await client.check({});
  await createClient(EchoService, createGrpcTransport({ baseUrl: url })).echo({});
  assert.deepEqual(passed, ["Echo"]);
});

// contract: HC-interceptors
test("with `interceptors: true` they run for health, and may reject calls", { timeout: 20_000 }, async (t) => {
  const state = gate();
  const { client, manager, server } = await serveHealth(
    t,
    { interceptors: true },
    { interceptors: [state.interceptor] },
  );
  manager.update(SERVING);
  assert.equal((await client.check({})).status, SERVING);
  assert.equal((await client.list({})).statuses[ECHO]?.status, SERVING);
  const watch = collect(client.watch({}));
  await eventually(() => watch.seen.length === 1, "it watches");
  assert.deepEqual(state.passed, ["Check", "List", "Watch"]);
  state.refuse = true;
  await assert.rejects(client.check({}), isCode(Code.Unauthenticated, "who are you?"));
  await server.stop();
  await watch.over;
  assert.deepEqual(watch.seen, [SERVING, NOT_SERVING]);
});

// contract: HC-json
test("JSON follows the server's jsonOptions", { timeout: 20_000 }, async (t) => {
  const bodies: string[] = [];
  for (const jsonOptions of [{}, { alwaysEmitImplicit: true }, { enumAsInteger: true, alwaysEmitImplicit: true }]) {
    const { url } = await serveHealth(t, {}, { jsonOptions });
    const response = await fetch(`${url}/grpc.health.v1.Health/Check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service: ECHO }),
    });
    bodies.push(await response.text());
  }
  assert.deepEqual(bodies, ["{}", '{"status":"UNKNOWN"}', '{"status":0}']);
});

// contract: HC-30, HC-schema
test("Connect: an unknown service is 404, GET is 405, a malformed message is 400", {
  timeout: 20_000,
}, async (t) => {
  const { url } = await serveHealth(t);
  const post = (body: string) =>
    fetch(`${url}/grpc.health.v1.Health/Check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
  const unknown = await post('{"service":"no.Such"}');
  assert.equal(unknown.status, 404);
  assert.equal(await unknown.text(), `{"code":"not_found","message":"Service 'no.Such' not found"}`);
  assert.equal((await fetch(`${url}/grpc.health.v1.Health/Check?connect=v1&encoding=json&message={}`)).status, 405);
  assert.equal((await post("{")).status, 400);
});

// contract: HC-40
test("hasService knows health, and the check of transports ignores it", { timeout: 20_000 }, async (t) => {
  const { server } = await serveHealth(t);
  assert.equal(server.hasService(Health), true);
});

// contract: HC-beside, HC-4
test("an application's own protocol, with RPCs and an httpHandler, works beside health", {
  timeout: 20_000,
}, async (t) => {
  const manager: HealthcheckManager = createHealthcheckManager();
  const { url, client } = await serveHealth(
    t,
    { manager, httpEnabled: true },
    {
      services: [],
      protocols: [
        Healthcheck({ manager, httpEnabled: true }),
        {
          name: "mine",
          register: (router) =>
            void router.service(EchoService, { echo: ({ text }) => ({ text: text.toUpperCase() }) }),
          httpHandler(request, response) {
            if (request.url !== "/mine") return false;
            response.end("mine");
            return true;
          },
        },
      ],
    },
  );
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
  assert.equal((await createClient(EchoService, transport).echo({ text: "a" })).text, "A");
  assert.equal(await (await fetch(`${url}/mine`)).text(), "mine");
  assert.equal((await fetch(`${url}/healthz`)).status, 503);
  assert.equal(
    (await client.check({ service: ECHO })).status,
    UNKNOWN,
    "its service counts, as it is no framework service",
  );
});

// contract: HC-one
test("a server accepts only one health protocol", async () => {
  const server = createServer({ services: [], port: 0, protocols: [Healthcheck(), Healthcheck()] });
  await assert.rejects(server.start(), /Healthcheck\(\) twice; a server has one health/);
});

// contract: HC-request-size
test("a request of more than 16 KiB is refused, or of less if readMaxBytes says so", { timeout: 20_000 }, async (t) => {
  for (const [readMaxBytes, limit] of [
    [undefined, 16_384],
    [1_000, 1_000],
  ] as const) {
    const { client, url } = await serveHealth(t, {}, { readMaxBytes });
    const prefix = 3; // Bytes in front of the name, which say what and how long it is.
    await assert.rejects(client.check({ service: "x".repeat(limit - prefix) }), { code: Code.NotFound });
    const text = `message size ${limit + 1} is larger than configured readMaxBytes ${limit}`;
    const tooLarge = { service: "x".repeat(limit - prefix + 1) };
    await assert.rejects(client.check(tooLarge), isCode(Code.ResourceExhausted, text));
    await assert.rejects(collect(client.watch(tooLarge)).over, isCode(Code.ResourceExhausted, text));
    const echo = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
    const { text: echoed } = await echo.echo({ text: "x".repeat(limit === 1_000 ? 900 : 100_000) });
    assert.ok(echoed.length > 0, "other services have their own limit");
  }
});
