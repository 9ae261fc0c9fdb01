// Health on other servers: connect-node's handlers on node:http and node:http2, and real clients.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import type { ProtocolServer } from "@connectum/core/types";
import { eventually } from "../../../__test__/support/eventually.ts";
import { failOnProcessFaults } from "../../../__test__/support/process-faults.ts";
import { EchoService, file_connectum_test_v1_echo } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { file_grpc_health_v1_health, Health } from "../gen/grpc/health/v1/health_pb.js";
import { Healthcheck } from "./healthcheck.ts";
import { createHealthcheckManager, type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import type { HealthcheckOptions } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

failOnProcessFaults();

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const ECHO = EchoService.typeName;

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "gRPC over HTTP/2": (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC-Web over HTTP/1.1": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};
type TransportName = keyof typeof transports;
const names = Object.keys(transports) as TransportName[];

/** Serves health beside an echo service with connect-node. */
async function serving(t: TestContext, name: TransportName, options: HealthcheckOptions = {}) {
  const manager = options.manager ?? createHealthcheckManager();
  const protocol = Healthcheck({ ...options, manager });
  const handler = connectNodeAdapter({
    routes: (router) => protocol.register(router, { registry: [file_connectum_test_v1_echo] }),
  });
  const server = name.endsWith("/2") ? http2.createServer(handler) : http.createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { manager, url, client: createClient(Health, transports[name](url)) };
}

/** Health of a server that can stop, called in process. */
function joining(manager: HealthcheckManager) {
  const shutdown = new AbortController();
  const server: ProtocolServer = { services: [], applicationServices: [], shutdownSignal: shutdown.signal };
  const protocol = Healthcheck({ manager });
  const transport = createRouterTransport((router) => protocol.register(router, { registry: [], server }));
  return { stop: () => shutdown.abort(), client: createClient(Health, transport) };
}

/** Reads a watch until it ends, or until the client cancels it. */
function reading(stream: AsyncIterable<{ status: ServingStatus }>) {
  const seen: ServingStatus[] = [];
  const ended = (async () => {
    for await (const { status } of stream) seen.push(status);
  })();
  ended.catch(() => {}); // Looked at by those who expect an end.
  return { seen, ended };
}

const withCode = (code: Code, message?: string) => (error: unknown) => {
  assert.ok(error instanceof ConnectError, String(error));
  assert.equal(error.code, code);
  if (message !== undefined) assert.equal(error.rawMessage, message);
  return true;
};

// contract: HC-schema
test("the schema is that of grpc.health.v1: its names, numbers and order", () => {
  assert.equal(file_grpc_health_v1_health.proto.package, "grpc.health.v1");
  assert.equal(file_grpc_health_v1_health.name, "grpc/health/v1/health");
  const methods = Health.methods.map(({ name, methodKind, idempotency }) => [name, methodKind, idempotency]);
  assert.deepEqual(methods, [
    ["Check", "unary", 0],
    ["List", "unary", 0],
    ["Watch", "server_streaming", 0],
  ]);
  const fields = file_grpc_health_v1_health.messages.map((message) => [
    message.name,
    ...message.fields.map((field) => `${field.name} ${field.fieldKind} ${field.number}`),
  ]);
  assert.deepEqual(fields, [
    ["HealthCheckRequest", "service scalar 1"],
    ["HealthCheckResponse", "status enum 1"],
    ["HealthListRequest"],
    ["HealthListResponse", "statuses map 1"],
  ]);
});

for (const name of names) {
  // contract: HC-3, HC-28, HC-29, HC-31
  test(`${name}: Check reports the overall status, services and components`, { timeout: 20_000 }, async (t) => {
    const { manager, client } = await serving(t, name);
    const check = async (service?: string) => (await client.check(service === undefined ? {} : { service })).status;
    assert.deepEqual([await check(), await check(""), await check(ECHO)], [NOT_SERVING, NOT_SERVING, UNKNOWN]);
    manager.update(SERVING);
    manager.set("db", NOT_SERVING);
    assert.deepEqual([await check(), await check(ECHO), await check("db")], [NOT_SERVING, SERVING, NOT_SERVING]);
    manager.unregister("db");
    assert.equal(await check(""), SERVING);
  });

  // contract: HC-30, HC-set-unknown
  test(`${name}: Check of an unknown name is not_found; an entry with the status SERVICE_UNKNOWN is reported`, async (t) => {
    const { manager, client } = await serving(t, name);
    for (const service of ["nobody", Health.typeName]) {
      await assert.rejects(client.check({ service }), withCode(Code.NotFound, `Service '${service}' not found`));
    }
    manager.update(SERVICE_UNKNOWN, ECHO);
    assert.equal((await client.check({ service: ECHO })).status, SERVICE_UNKNOWN);
  });

  // contract: HC-36, HC-list
  test(`${name}: List has every entry, and the overall status under the empty name`, async (t) => {
    const { manager, client } = await serving(t, name);
    manager.update(SERVING);
    manager.register("db");
    const list = async () =>
      Object.fromEntries(Object.entries((await client.list({})).statuses).map(([key, { status }]) => [key, status]));
    assert.deepEqual(await list(), { "": NOT_SERVING, [ECHO]: SERVING, db: UNKNOWN });
    manager.update(SERVING);
    assert.deepEqual(await list(), { "": SERVING, [ECHO]: SERVING, db: SERVING });
  });

  // contract: HC-32, HC-33, HC-watch-push
  test(`${name}: Watch sends the current status, then every change immediately`, { timeout: 20_000 }, async (t) => {
    const { manager, client } = await serving(t, name);
    const leave = new AbortController();
    const named = reading(client.watch({ service: ECHO }, { signal: leave.signal }));
    const overall = reading(client.watch({}, { signal: leave.signal }));
    const unknown = reading(client.watch({ service: "db" }, { signal: leave.signal }));
    await eventually(() => [named, overall, unknown].every(({ seen }) => seen.length === 1), "the first statuses");
    // Without a pause: a server that polls would see only the last of these.
    manager.update(SERVING);
    manager.update(NOT_SERVING);
    manager.update(SERVING);
    manager.set("db", SERVING);
    manager.set("db", UNKNOWN);
    manager.unregister("db");
    await eventually(() => overall.seen.length === 6 && unknown.seen.length === 4, "all changes");
    assert.deepEqual(named.seen, [UNKNOWN, SERVING, NOT_SERVING, SERVING]);
    assert.deepEqual(overall.seen, [NOT_SERVING, SERVING, NOT_SERVING, SERVING, NOT_SERVING, SERVING]);
    assert.deepEqual(unknown.seen, [SERVICE_UNKNOWN, SERVING, UNKNOWN, SERVICE_UNKNOWN]);
    leave.abort();
    await assert.rejects(named.ended, withCode(Code.Canceled));
  });

  // contract: HC-34
  test(`${name}: a watch ends when its client cancels it, or at its deadline`, { timeout: 20_000 }, async (t) => {
    const { manager, client } = await serving(t, name);
    let listeners = 0;
    t.mock.method(
      tableOf(manager),
      "subscribe",
      counting(manager, (change) => (listeners += change)),
    );
    const leave = new AbortController();
    const left = reading(client.watch({}, { signal: leave.signal }));
    const late = reading(client.watch({}, { timeoutMs: 500 }));
    await eventually(() => left.seen.length === 1 && listeners > 0, "the first status");
    leave.abort();
    await assert.rejects(left.ended, withCode(Code.Canceled));
    await late.ended.catch(withCode(Code.DeadlineExceeded));
    await eventually(() => listeners === 0, "nobody listens");
  });
}

/** Counts the listeners of a manager's table. */
function counting(manager: HealthcheckManager, count: (change: number) => void) {
  const table = tableOf(manager);
  const subscribe = table.subscribe.bind(table);
  return (listener: Parameters<typeof subscribe>[0]) => {
    const end = subscribe(listener);
    count(1);
    return () => {
      end();
      count(-1);
    };
  };
}

// contract: HC-31
test("Connect with JSON: UNKNOWN is omitted as the default value; GET is rejected", { timeout: 20_000 }, async (t) => {
  const { url } = await serving(t, "Connect over HTTP/1.1");
  const post = (service: string) =>
    fetch(`${url}/grpc.health.v1.Health/Check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service }),
    });
  assert.equal(await (await post(ECHO)).text(), "{}");
  const missing = await post("nobody");
  assert.equal(missing.status, 404);
  assert.deepEqual(await missing.json(), { code: "not_found", message: "Service 'nobody' not found" });
  const get = await fetch(`${url}/grpc.health.v1.Health/Check?connect=v1&encoding=json&message=%7B%7D`);
  assert.equal(get.status, 405);
});

// contract: HC-list
test("List has up to a thousand entries; with more it is resource_exhausted", async () => {
  const manager = createHealthcheckManager();
  const { client } = joining(manager);
  manager.initialize(Array.from({ length: 1_000 }, (_, index) => `a.Service${index}`));
  assert.equal(Object.keys((await client.list({})).statuses).length, 1_001);
  manager.register("one-more");
  const message = "1001 health entries are more than the 1000 that List returns: ask Check for single ones";
  await assert.rejects(client.list({}), withCode(Code.ResourceExhausted, message));
});

test("names of properties of Object.prototype are ordinary names", async () => {
  const manager = createHealthcheckManager();
  const { client } = joining(manager);
  for (const name of ["constructor", "toString"]) manager.set(name, SERVING);
  assert.deepEqual(Object.keys((await client.list({})).statuses), ["", "constructor", "toString"]);
  await assert.rejects(client.check({ service: "valueOf" }), withCode(Code.NotFound));
});

// contract: HC-watch-push
test("a reader that pauses gets the latest status, not all that it missed", { timeout: 20_000 }, async () => {
  const manager = createHealthcheckManager();
  manager.register("db");
  const { client } = joining(manager);
  const reader = client.watch({ service: "db" })[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value?.status, UNKNOWN);
  for (let round = 0; round < 10_000; round += 1) manager.set("db", round % 2 === 0 ? SERVING : NOT_SERVING);
  manager.set("db", SERVICE_UNKNOWN);
  let seen = 0;
  for (let status: ServingStatus | undefined; status !== SERVICE_UNKNOWN; seen += 1) {
    status = (await reader.next()).value?.status;
  }
  assert.ok(seen < 100, `${seen} of 10,001 were sent`);
  await reader.return?.();
});

// contract: HC-35
test("any number of clients may watch, without timers and warnings", { timeout: 20_000 }, async (t) => {
  const warnings: unknown[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on("warning", warned);
  t.after(() => process.off("warning", warned));
  const manager = createHealthcheckManager();
  const { client, stop } = joining(manager);
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const watching = Array.from({ length: 200 }, () => reading(client.watch({})));
  await eventually(() => watching.every(({ seen }) => seen.length === 1), "the first statuses");
  assert.equal(timers(), before);
  manager.set("db", SERVING);
  await eventually(() => watching.every(({ seen }) => seen.length === 2), "the change");
  stop();
  await Promise.all(watching.map(({ ended }) => ended));
  assert.deepEqual(watching[199]?.seen, [NOT_SERVING, SERVING, NOT_SERVING]);
  assert.deepEqual(warnings, []);
});

// contract: HC-draining
test("while a server stops it reports every entry as NOT_SERVING; the manager and other servers are not affected", async () => {
  const manager = createHealthcheckManager();
  manager.initialize(["a.One"]);
  manager.set("db", UNKNOWN);
  manager.update(SERVING, "a.One");
  const [stopping, other] = [joining(manager), joining(manager)];
  stopping.stop();
  const all = async ({ client }: typeof other) => [
    ...Object.values((await client.list({})).statuses).map(({ status }) => status),
    (await client.check({ service: "a.One" })).status,
    (await client.check({ service: "db" })).status,
  ];
  assert.deepEqual(await all(stopping), Array(5).fill(NOT_SERVING));
  assert.deepEqual(await all(other), [NOT_SERVING, SERVING, UNKNOWN, SERVING, UNKNOWN]);
  await assert.rejects(stopping.client.check({ service: "nobody" }), withCode(Code.NotFound));
  assert.equal(manager.getStatus("a.One")?.status, SERVING);
});

// contract: HC-34, HC-watch-draining
test("Watch sends NOT_SERVING when the server starts to stop, and ends without an error", {
  timeout: 20_000,
}, async () => {
  const manager = createHealthcheckManager();
  manager.set("db", SERVING);
  const { client, stop } = joining(manager);
  const watching = ["", "db", "nobody"].map((service) => reading(client.watch({ service })));
  await eventually(() => watching.every(({ seen }) => seen.length === 1), "the first statuses");
  manager.set("db", SERVICE_UNKNOWN); // What had not been read yet is not lost.
  stop();
  manager.set("db", SERVING);
  await Promise.all(watching.map(({ ended }) => ended));
  assert.deepEqual(
    watching.map(({ seen }) => seen),
    [[SERVING, NOT_SERVING], [SERVING, SERVICE_UNKNOWN, NOT_SERVING], [SERVICE_UNKNOWN]],
  );
  const late = reading(client.watch({ service: "db" }));
  await late.ended;
  assert.deepEqual(late.seen, [NOT_SERVING]);
});

// contract: HC-3
test("without a server all services of the registry have entries, except those of health and reflection", () => {
  const manager = createHealthcheckManager();
  const registry = [file_connectum_test_v1_echo, file_grpc_health_v1_health];
  const transport = createRouterTransport((router) => Healthcheck({ manager }).register(router, { registry }));
  assert.ok(transport);
  const services = file_connectum_test_v1_echo.services.map(({ typeName }) => typeName);
  assert.deepEqual([...manager.getAllStatuses().keys()], services);
});

// contract: HC-autoServing
test("without a server autoServing makes the services SERVING at once, and nothing else", () => {
  const manager = createHealthcheckManager();
  manager.register("db");
  const protocol = Healthcheck({ manager, autoServing: true });
  createRouterTransport((router) => protocol.register(router, { registry: [file_connectum_test_v1_echo] }));
  assert.deepEqual([manager.getStatus(ECHO)?.status, manager.getStatus("db")?.status], [SERVING, UNKNOWN]);
});

// contract: HC-checks
test("without a server checks run from register() on", { timeout: 20_000 }, async () => {
  const manager = createHealthcheckManager();
  let runs = 0;
  const check = () => {
    runs += 1;
  };
  const protocol = Healthcheck({ manager, checks: { db: check }, checkInterval: 60_000 });
  const client = () =>
    createClient(
      Health,
      createRouterTransport((router) => protocol.register(router, { registry: [] })),
    );
  const [one, other] = [client(), client()];
  await eventually(() => manager.getStatus("db")?.status === SERVING, "the first result");
  assert.equal((await one.check({ service: "db" })).status, SERVING);
  assert.equal((await other.check({})).status, SERVING);
  assert.equal(runs, 1);
});
