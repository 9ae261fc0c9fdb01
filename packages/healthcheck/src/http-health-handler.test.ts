// The HTTP endpoints, on servers of Node and of core.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer, type HttpHandler } from "@connectum/core";
import { type PlainRequest, plainClients } from "../../../__test__/support/plain-http.ts";
import { failOnProcessFaults } from "../../../__test__/support/process-faults.ts";
import { Healthcheck } from "./healthcheck.ts";
import { createHealthcheckManager, type HealthcheckManager } from "./healthcheck-manager.ts";
import { createHttpHealthHandler } from "./http-health-handler.ts";
import { ServingStatus } from "./serving-status.ts";

failOnProcessFaults();

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

/** A server of Node that responds with 418 to what the handler does not handle. */
async function onNode(t: TestContext, httpVersion: "1.1" | "2.0", handler: HttpHandler): Promise<number> {
  const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (!handler(request, response)) response.writeHead(418).end();
  };
  const server =
    httpVersion === "1.1" ? http.createServer(listener) : http2.createServer(listener as unknown as Http2Listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
type Http2Listener = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

/** The handler as a protocol's, on a server of core. */
async function onOurs(t: TestContext, handler: HttpHandler): Promise<number> {
  const protocol = { name: "probe", register() {}, httpHandler: handler };
  const server = createServer({ services: [], protocols: [protocol], port: 0, host: "127.0.0.1" });
  t.mock.method(console, "info", () => {});
  await server.start();
  t.after(() => server.stop());
  return server.address?.port ?? 0;
}

const servers = plainClients
  .filter(({ secure }) => !secure)
  .flatMap(({ name, httpVersion, send }) => [
    { name: `${name}, node's server`, send, serve: (t: TestContext, h: HttpHandler) => onNode(t, httpVersion, h) },
    { name: `${name}, ours`, send, serve: onOurs },
  ]);

/** A manager with a service and a component. */
function managed(): HealthcheckManager {
  const manager = createHealthcheckManager();
  manager.initialize(["a.One"]);
  manager.register("db");
  return manager;
}

for (const { name, serve, send } of servers) {
  /** Sends a request, and returns the parts of the response that do not vary. */
  const asking = async (t: TestContext, manager: HealthcheckManager, paths?: string[]) => {
    const port = await serve(t, createHttpHealthHandler(manager, paths));
    const ask = (request: PlainRequest) => send(port, request);
    const report = async (path: string) => {
      const { status, body } = await ask({ path });
      const { status: said, service } = JSON.parse(body);
      return [status, said, service];
    };
    return { ask, report };
  };

  // contract: HC-http-body, HC-http-headers
  test(`${name}: the response is JSON with three keys and not cached; HEAD has no body`, {
    timeout: 20_000,
  }, async (t) => {
    const { ask } = await asking(t, managed());
    const before = Date.now();
    const { status, headers, body } = await ask({ path: "/healthz?service=a.One" });
    assert.equal(status, 503);
    const { timestamp } = JSON.parse(body);
    assert.equal(body, JSON.stringify({ status: "UNKNOWN", service: "a.One", timestamp }));
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
    const expected = { "content-type": "application/json", "cache-control": "no-store" };
    const length = `${Buffer.byteLength(body)}`;
    for (const response of [{ headers }, await ask({ path: "/healthz?service=a.One", method: "HEAD" })]) {
      for (const [key, value] of Object.entries({ ...expected, "content-length": length })) {
        assert.equal(response.headers[key], value, key);
      }
    }
    const head = await ask({ path: "/healthz?service=a.One", method: "HEAD" });
    assert.deepEqual([head.status, head.body], [503, ""]);
  });

  // contract: HC-http-verbs
  test(`${name}: methods other than GET and HEAD are 405`, { timeout: 20_000 }, async (t) => {
    const { ask } = await asking(t, managed());
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const response = await ask({ path: "/livez", method });
      const { allow, "cache-control": cacheControl } = response.headers;
      assert.deepEqual(
        [response.status, allow, cacheControl, response.body],
        [405, "GET, HEAD", "no-store", ""],
        method,
      );
    }
  });

  // contract: HC-http-query, HC-http-codes
  test(`${name}: the entry of the query, and the HTTP status`, { timeout: 20_000 }, async (t) => {
    const manager = managed();
    const { report } = await asking(t, manager);
    for (const path of ["/healthz", "/health", "/readyz"]) {
      manager.update(NOT_SERVING);
      assert.deepEqual(await report(path), [503, "NOT_SERVING", "overall"]);
      manager.update(SERVING);
      assert.deepEqual(await report(path), [200, "SERVING", "overall"]);
      assert.deepEqual(await report(`${path}?service=`), [200, "SERVING", ""]);
      manager.set("db", UNKNOWN);
      assert.deepEqual(await report(path), [503, "NOT_SERVING", "overall"]);
      assert.deepEqual(await report(`${path}?service=a.One&service=db`), [200, "SERVING", "a.One"]);
      assert.deepEqual(await report(`${path}?service=d%62`), [503, "UNKNOWN", "db"]);
      manager.set("db", NOT_SERVING);
      assert.deepEqual(await report(`${path}?service=db`), [503, "NOT_SERVING", "db"]);
      manager.set("db", SERVICE_UNKNOWN);
      assert.deepEqual(await report(`${path}?service=db`), [404, "SERVICE_UNKNOWN", "db"]);
      assert.deepEqual(await report(`${path}?service=nobody`), [404, "SERVICE_UNKNOWN", "nobody"]);
      manager.set("db", 7 as ServingStatus);
      assert.deepEqual(await report(`${path}?service=db`), [503, "UNKNOWN", "db"]);
    }
  });

  // contract: HC-http-meanings
  test(`${name}: /livez is 200 while JavaScript runs, /startupz once everything has been SERVING`, async (t) => {
    const manager = managed();
    const { report } = await asking(t, manager);
    assert.deepEqual(await report("/livez"), [200, "SERVING", "overall"]);
    assert.deepEqual(await report("/startupz"), [503, "NOT_SERVING", "overall"]);
    manager.update(SERVING);
    manager.update(NOT_SERVING);
    assert.deepEqual(await report("/livez?service=db"), [200, "SERVING", "overall"]);
    assert.deepEqual(await report("/startupz?service=db"), [200, "SERVING", "overall"]);
    assert.deepEqual(await report("/readyz"), [503, "NOT_SERVING", "overall"]);
    manager.clear();
    assert.deepEqual(await report("/startupz"), [503, "NOT_SERVING", "overall"]);
  });

  // contract: HC-http-failing
  test(`${name}: /readyz names the entries that are not serving`, async (t) => {
    const manager = managed();
    const { ask } = await asking(t, manager);
    for (let index = 0; index < 30; index++) manager.set(`c${index}`, index < 2 ? SERVING : NOT_SERVING);
    const { body } = await ask({ path: "/readyz" });
    const { failing } = JSON.parse(body) as { failing: string[] };
    assert.equal(failing.length, 20);
    assert.ok(failing.includes("c2") && !failing.includes("c1"));
    assert.equal(Object.keys(JSON.parse(body)).at(-1), "failing");
    assert.equal((await ask({ path: "/healthz" })).body.includes("failing"), false);
    manager.update(SERVING);
    assert.equal((await ask({ path: "/readyz" })).body.includes("failing"), false);
  });

  // contract: HC-26
  test(`${name}: paths must match exactly; others are left to the next handler`, async (t) => {
    const { ask } = await asking(t, managed(), ["/livez", "/own/path"]);
    assert.equal((await ask({ path: "/own/path" })).status, 503);
    assert.equal((await ask({ path: "/livez?" })).status, 200);
    const missed = new Set<number>();
    for (const path of ["/healthz", "/Livez", "/livez/", "//livez", "/live%7A", "/own", "/own/path/x", "/"]) {
      missed.add((await ask({ path })).status);
    }
    assert.deepEqual([...missed], [name.endsWith("ours") ? 404 : 418]);
  });
}

// contract: HC-25
test("the paths are copied when the handler is created, five by default; an empty list matches nothing", async (t) => {
  const paths = ["/one"];
  const manager = managed();
  const own = await onNode(t, "1.1", createHttpHealthHandler(manager, paths));
  paths.push("/two");
  const none = await onNode(t, "1.1", createHttpHealthHandler(manager, []));
  const usual = await onNode(t, "1.1", createHttpHealthHandler(manager));
  const statuses = async (port: number, ...asked: string[]) => {
    const responses = await Promise.all(asked.map((path) => fetch(`http://127.0.0.1:${port}${path}`)));
    return responses.map(({ status }) => status);
  };
  assert.deepEqual(await statuses(own, "/one", "/two", "/healthz"), [503, 418, 418]);
  assert.deepEqual(await statuses(none, "/", "/healthz"), [418, 418]);
  const five = ["/healthz", "/health", "/readyz", "/livez", "/startupz"];
  assert.deepEqual(await statuses(usual, ...five), [503, 503, 503, 200, 503]);
});

// contract: HC-http-query
test("a request whose URL cannot be parsed gets the overall status", () => {
  const handler = createHttpHealthHandler(managed());
  const sent: unknown[] = [];
  const request = { url: "/healthz?service=db", method: "GET", headers: { host: "a b<>" } };
  const response = { writeHead: (status: number) => sent.push(status), end: (body: string) => sent.push(body) };
  assert.equal(handler(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse), true);
  assert.deepEqual([sent[0], JSON.parse(String(sent[1])).service], [503, "overall"]);
});

for (const paths of ["/healthz", ["healthz"], ["/a", ""], ["/a?b"], ["/a b"], [1]] as unknown[]) {
  // contract: HC-wrong-options
  test(`invalid paths are rejected: ${JSON.stringify(paths)}`, () => {
    const message =
      /^createHttpHealthHandler: healthPaths(\[\d\])? must be (an array of paths|a path that begins with "\/")/;
    assert.throws(() => createHttpHealthHandler(managed(), paths as string[]), { name: "TypeError", message });
  });
}

// contract: HC-wrong-options
test("an invalid manager is rejected when the handler is created, not at the first request", () => {
  const message = /^createHttpHealthHandler: manager must come from createHealthcheckManager\(\)/;
  for (const manager of [undefined, null, {}, new Map()] as unknown[]) {
    assert.throws(() => createHttpHealthHandler(manager as HealthcheckManager), { name: "TypeError", message });
  }
});

// contract: HC-2
test("the protocol has an HTTP handler only with httpEnabled", async (t) => {
  const manager = managed();
  for (const options of [{}, { httpEnabled: false, httpPaths: ["/own"] }]) {
    assert.equal("httpHandler" in Healthcheck({ manager, ...options }), false);
  }
  const { httpHandler } = Healthcheck({ manager, httpEnabled: true, httpPaths: ["/own", "/livez"] });
  assert.ok(httpHandler);
  const port = await onNode(t, "1.1", httpHandler);
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  assert.deepEqual([await status("/own"), await status("/livez"), await status("/healthz")], [503, 200, 418]);
});
