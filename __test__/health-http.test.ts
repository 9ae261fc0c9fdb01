// Health over plain HTTP, for load balancers and orchestrators, served without a handler.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createHealthcheckManager, Healthcheck, type HealthcheckOptions, ServingStatus } from "@connectum/healthcheck";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { plainClients } from "./support/plain-http.ts";
import { serve } from "./support/serve.ts";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const ECHO = EchoService.typeName;
const ca = certificate("ca.crt");

async function serveHttp(t: TestContext, options: HealthcheckOptions = {}, secure = false) {
  const manager = createHealthcheckManager();
  const served = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
    protocols: [Healthcheck({ httpEnabled: true, manager, ...options })],
    ...(secure ? { tls: identity("server") } : {}),
  });
  /** The status, and the body without its timestamp. */
  const get = async (path: string) => {
    const response = await fetch(`${served.url}${path}`);
    const body = await response.text();
    if (!body.startsWith("{")) return [response.status, body];
    const { status, service } = JSON.parse(body);
    return [response.status, status, service];
  };
  return { ...served, manager, get };
}

for (const { name, secure, send } of plainClients) {
  // contract: HC-http-body, HC-http-headers, HC-http-verbs
  test(`${name}: the response is JSON, and must not be cached`, { timeout: 20_000 }, async (t) => {
    const { port, manager } = await serveHttp(t, {}, secure);
    manager.update(SERVING);
    const before = Date.now();
    const { status, headers, body } = await send(port, { path: "/healthz" }, secure ? ca : undefined);
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["cache-control"], "no-store");
    const [, time = ""] =
      /^\{"status":"SERVING","service":"overall","timestamp":"(.+)"\}$/.exec(body) ?? assert.fail(body);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(time) >= before && Date.parse(time) <= Date.now());

    const head = await send(port, { method: "HEAD", path: "/healthz" }, secure ? ca : undefined);
    assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", String(body.length)]);

    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await send(
        port,
        { method, path: "/healthz", body: [Buffer.from("{}")] },
        secure ? ca : undefined,
      );
      assert.deepEqual([response.status, response.headers["allow"]], [405, "GET, HEAD"], method);
    }
  });
}

// contract: HC-http-query, HC-http-codes, HC-26, HC-set-unknown
test("the service in the query decides the response", { timeout: 20_000 }, async (t) => {
  const { manager, get } = await serveHttp(t);
  manager.set("db", NOT_SERVING);
  manager.set("cache", SERVICE_UNKNOWN);
  manager.update(SERVING, ECHO);
  const cases: Record<string, unknown[]> = {
    "/healthz": [503, "NOT_SERVING", "overall"],
    "/healthz?": [503, "NOT_SERVING", "overall"],
    "/healthz?other=1": [503, "NOT_SERVING", "overall"],
    "/healthz?service=": [503, "NOT_SERVING", ""],
    [`/healthz?service=${ECHO}`]: [200, "SERVING", ECHO],
    [`/health?service=${ECHO}&service=db`]: [200, "SERVING", ECHO],
    [`/readyz?service=${ECHO}`]: [200, "SERVING", ECHO],
    "/healthz?service=%64b": [503, "NOT_SERVING", "db"],
    "/healthz?service=cache": [404, "SERVICE_UNKNOWN", "cache"],
    "/healthz?service=no%22such": [404, "SERVICE_UNKNOWN", 'no"such'],
    "/healthz?service=%ff": [404, "SERVICE_UNKNOWN", "\ufffd"],
    "/livez": [200, "SERVING", "overall"],
    "/livez?service=db": [200, "SERVING", "overall"],
    "/startupz?service=no": [503, "NOT_SERVING", "overall"],
    "/readyz": [503, "NOT_SERVING", "overall"],
    "/startupz": [503, "NOT_SERVING", "overall"],
    "/HEALTHZ": [404, "Not Found"],
    "/healthz/": [404, "Not Found"],
    "/health%7a": [404, "Not Found"],
  };
  for (const [path, expected] of Object.entries(cases)) assert.deepEqual(await get(path), expected, path);
});

// contract: HC-http-failing
test("/readyz names the entries that are not serving, at most 20, and only with 503", {
  timeout: 20_000,
}, async (t) => {
  const { manager, url } = await serveHttp(t);
  const failing = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    const body = (await response.json()) as Record<string, unknown>;
    assert.equal(Object.keys(body).at(-1), "failing" in body ? "failing" : "timestamp");
    return [response.status, body["failing"]];
  };
  assert.deepEqual(await failing("/readyz"), [503, [ECHO]], "its status was never set");
  manager.update(SERVING);
  manager.set("db", NOT_SERVING);
  manager.set("cache", SERVICE_UNKNOWN);
  assert.deepEqual(await failing("/readyz?service="), [503, ["db", "cache"]]);
  for (const path of ["/healthz", "/readyz?service=db"]) {
    assert.deepEqual(await failing(path), [503, undefined], path);
  }
  for (let index = 0; index < 30; index++) manager.set(`c${index}`, NOT_SERVING);
  const [status, names] = (await failing("/readyz")) as [number, string[]];
  assert.deepEqual([status, names.length, names.slice(0, 3)], [503, 20, ["db", "cache", "c0"]]);
  manager.update(SERVING);
  assert.deepEqual(await failing("/readyz"), [200, undefined]);
});

// contract: HC-startup, HC-http-meanings
test("/startupz remembers that the server has been ready", { timeout: 20_000 }, async (t) => {
  const { manager, get } = await serveHttp(t);
  manager.update(SERVING);
  manager.update(NOT_SERVING);
  assert.deepEqual(await get("/readyz"), [503, "NOT_SERVING", "overall"]);
  assert.deepEqual(await get("/startupz"), [200, "SERVING", "overall"]);
});

// contract: HC-http-meanings
test("httpPaths replace all paths; three names keep their meaning", { timeout: 20_000 }, async (t) => {
  const { get } = await serveHttp(t, { httpPaths: ["/status", "/livez"] });
  assert.deepEqual(await get("/status"), [503, "NOT_SERVING", "overall"]);
  assert.deepEqual(await get("/livez"), [200, "SERVING", "overall"]);
  for (const path of ["/healthz", "/health", "/readyz", "/startupz"])
    assert.deepEqual(await get(path), [404, "Not Found"]);
});

// contract: HC-2
test("without httpEnabled there are no paths", { timeout: 20_000 }, async (t) => {
  const { get } = await serveHttp(t, { httpEnabled: false, httpPaths: ["/healthz"] });
  assert.deepEqual(await get("/healthz"), [404, "Not Found"]);
});

// contract: HC-components
test("a worker without services is as healthy as its components", { timeout: 20_000 }, async (t) => {
  const manager = createHealthcheckManager();
  manager.register("process");
  const { server, url } = await serve(t, { services: [], protocols: [Healthcheck({ httpEnabled: true, manager })] });
  assert.equal((await fetch(`${url}/healthz`)).status, 503);
  manager.set("process", SERVING);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.equal(server.isRunning, true);
});

test("a check that fails makes the server not ready, and its reason is in the log", { timeout: 20_000 }, async (t) => {
  let isDown = false;
  t.mock.method(console, "error", () => {});
  const { manager, get } = await serveHttp(t, {
    autoServing: true,
    checkInterval: 20,
    checks: {
      async db() {
        if (isDown) throw new Error("connection refused");
      },
    },
  });
  const becomes = async (expected: number) => {
    for (const until = Date.now() + 5_000; Date.now() < until; ) if ((await get("/readyz"))[0] === expected) return;
    assert.fail(`/readyz never became ${expected}`);
  };
  await becomes(200);
  isDown = true;
  await becomes(503);
  assert.equal(manager.getStatus("db")?.status, NOT_SERVING);
  manager.update(SERVING);
  assert.deepEqual(await get("/readyz?service=db"), [503, "NOT_SERVING", "db"], "a blanket update does not hide it");
  isDown = false;
  await becomes(200);
});
