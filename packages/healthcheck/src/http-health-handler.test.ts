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

/** Serves what the handler does not answer with 418, on a server of Node's. */
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

/** The handler as that of a protocol, on a server of ours. */
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
  /** Asks, and gives what is the same each time. */
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
  test(`${name}: the answer is JSON of three keys, not to be cached; HEAD has none`, { timeout: 20_000 }, async (t) => {
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
    for (const answer of [{ headers }, await ask({ path: "/healthz?service=a.One", method: "HEAD" })]) {
      for (const [key, value] of Object.entries({ ...expected, "content-length": length })) {
        assert.equal(answer.headers[key], value, key);
      }
    }
    const head = await ask({ path: "/healthz?service=a.One", method: "HEAD" });
    assert.deepEqual([head.status, head.body], [503, ""]);
  });

  // contract: HC-http-verbs
  test(`${name}: other verbs than GET and HEAD are 405`, { timeout: 20_000 }, async (t) => {
    const { ask } = await asking(t, managed());
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const answer = await ask({ path: "/livez", method });
      const { allow, "cache-control": cacheControl } = answer.headers;
      assert.deepEqual([answer.status, allow, cacheControl, answer.body], [405, "GET, HEAD", "no-store", ""], method);
    }
  });

  // contract: HC-http-query, HC-http-codes
  test(`${name}: what is asked about, and its code`, { timeout: 20_000 }, async (t) => {
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
  test(`${name}: /livez is well while JavaScript runs, /startupz once all has been SERVING`, async (t) => {
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

  // contract: HC-26
  test(`${name}: paths are compared to the letter; others are left to whoever comes next`, async (t) => {
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
test("the paths are those of the time when the handler was made, five by default; none match nothing", async (t) => {
  const paths = ["/one"];
  const manager = managed();
  const own = await onNode(t, "1.1", createHttpHealthHandler(manager, paths));
  paths.push("/two");
  const none = await onNode(t, "1.1", createHttpHealthHandler(manager, []));
  const usual = await onNode(t, "1.1", createHttpHealthHandler(manager));
  const statuses = async (port: number, ...asked: string[]) => {
    const answers = await Promise.all(asked.map((path) => fetch(`http://127.0.0.1:${port}${path}`)));
    return answers.map(({ status }) => status);
  };
  assert.deepEqual(await statuses(own, "/one", "/two", "/healthz"), [503, 418, 418]);
  assert.deepEqual(await statuses(none, "/", "/healthz"), [418, 418]);
  const five = ["/healthz", "/health", "/readyz", "/livez", "/startupz"];
  assert.deepEqual(await statuses(usual, ...five), [503, 503, 503, 200, 503]);
});

// contract: HC-http-query
test("a request whose URL cannot be parsed asks about everything", () => {
  const handler = createHttpHealthHandler(managed());
  const answered: unknown[] = [];
  const request = { url: "/healthz?service=db", method: "GET", headers: { host: "a b<>" } };
  const response = { writeHead: (status: number) => answered.push(status), end: (body: string) => answered.push(body) };
  assert.equal(handler(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse), true);
  assert.deepEqual([answered[0], JSON.parse(String(answered[1])).service], [503, "overall"]);
});

for (const paths of ["/healthz", ["healthz"], ["/a", ""], ["/a?b"], ["/a b"], [1]] as unknown[]) {
  // contract: HC-wrong-options
  test(`paths that no request can have are refused: ${JSON.stringify(paths)}`, () => {
    const message =
      /^createHttpHealthHandler: healthPaths(\[\d\])? must be (an array of paths|a path that begins with "\/")/;
    assert.throws(() => createHttpHealthHandler(managed(), paths as string[]), { name: "TypeError", message });
  });
}

// contract: HC-wrong-options
test("what is no manager is refused when the handler is made, not when a request comes", () => {
  const message = /^createHttpHealthHandler: manager must come from createHealthcheckManager\(\)/;
  for (const manager of [undefined, null, {}, new Map()] as unknown[]) {
    assert.throws(() => createHttpHealthHandler(manager as HealthcheckManager), { name: "TypeError", message });
  }
});

// contract: HC-2
test("only with httpEnabled does the protocol answer over plain HTTP", async (t) => {
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
