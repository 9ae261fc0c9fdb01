// The option contextValues: values made from the HTTP request of each call, for interceptors and handlers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Code,
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type ContextRequest, createServer } from "@connectum/core";
import { createHealthcheckManager, Healthcheck } from "@connectum/healthcheck";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { nodeClients } from "./support/transports.ts";

const caller = createContextKey("nobody");

/** Values with the caller that the request names. */
function valuesOf(request: ContextRequest) {
  return createContextValues().set(caller, String(request.headers["x-caller"]));
}

const passing: Interceptor = (next) => (request) => next(request);

for (const interceptors of [[], [passing]]) {
  const where = interceptors.length === 0 ? "a handler" : "a handler behind an interceptor";

  test(`${where} of each kind gets the values of its call`, { timeout: 20_000 }, async (t) => {
    const { url } = await serveEcho(
      t,
      {
        echo: (_, { values }) => ({ text: values.get(caller) }),
        async *echoServerStream(_, { values }) {
          yield { text: values.get(caller) };
        },
        echoClientStream: async (_, { values }) => ({ text: values.get(caller) }),
        async *echoBidiStream(_, { values }) {
          yield { text: values.get(caller) };
        },
      },
      { contextValues: valuesOf, interceptors },
    );
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "2" }));
    const headers = (name: string) => ({ headers: { "x-caller": name } });
    async function* nothing() {}
    const [one, other] = await Promise.all([client.echo({}, headers("Ada")), client.echo({}, headers("Grace"))]);
    assert.deepEqual([one.text, other.text], ["Ada", "Grace"]);
    assert.equal((await client.echoClientStream(nothing(), headers("Ada"))).text, "Ada");
    for await (const { text } of client.echoServerStream({}, headers("Ada"))) assert.equal(text, "Ada");
    for await (const { text } of client.echoBidiStream(nothing(), headers("Ada"))) assert.equal(text, "Ada");
  });
}

test("an interceptor gets them too", { timeout: 10_000 }, async (t) => {
  const seen: string[] = [];
  const looking: Interceptor = (next) => (request) => {
    seen.push(request.contextValues.get(caller));
    return next(request);
  };
  const { url } = await serveEcho(t, { echo: () => ({}) }, { contextValues: valuesOf, interceptors: [looking] });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  await client.echo({}, { headers: { "x-caller": "Ada" } });
  assert.deepEqual(seen, ["Ada"]);
});

for (const { name, httpVersion, transport } of nodeClients) {
  test(`${name}: the request has method, url, headers and version, as a plain HTTP request does`, {
    timeout: 20_000,
  }, async (t) => {
    const rpcs: ContextRequest[] = [];
    const contextValues = ({ method, url, headers, httpVersion, peer }: ContextRequest) => {
      rpcs.push({ method, url, headers, httpVersion, peer });
      return createContextValues();
    };
    const { url, port } = await serveEcho(t, { echo: () => ({}) }, { contextValues });
    await createClient(EchoService, transport(url)).echo({}, { headers: { "x-twice": "a", "x-other": "b" } });
    const [request] = rpcs;
    assert.ok(request !== undefined && rpcs.length === 1);
    assert.deepEqual([request.method, request.url], ["POST", "/connectum.test.v1.EchoService/Echo"]);
    assert.deepEqual([request.headers["x-twice"], request.headers["x-other"]], ["a", "b"]);
    const isHttp2 = httpVersion === "2";
    assert.equal(request.httpVersion, isHttp2 ? "2.0" : "1.1");
    assert.equal(request.headers.host, `127.0.0.1:${port}`);
    assert.equal(request.headers[":path"], isHttp2 ? request.url : undefined);
    assert.equal(request.headers[":method"], isHttp2 ? "POST" : undefined);
    assert.equal(request.headers[":authority"], isHttp2 ? `127.0.0.1:${port}` : undefined);
  });
}

test("of a Connect GET it has the query", { timeout: 10_000 }, async (t) => {
  const seen: string[] = [];
  const contextValues = ({ method, url }: ContextRequest) => {
    seen.push(method, url);
    return createContextValues();
  };
  const { url } = await serveEcho(t, { echoGet: () => ({}) }, { contextValues });
  const query = "?connect=v1&encoding=json&message=%7B%7D";
  assert.equal((await fetch(`${url}/connectum.test.v1.EchoService/EchoGet${query}`)).status, 200);
  assert.deepEqual(seen, ["GET", `/connectum.test.v1.EchoService/EchoGet${query}`]);
});

for (const [what, contextValues, code, logs] of [
  [
    "throws a ConnectError",
    () => {
      throw new ConnectError("who are you?", Code.Unauthenticated);
    },
    Code.Unauthenticated,
    undefined,
  ],
  [
    "throws another error",
    () => {
      throw new Error("the table is locked");
    },
    Code.Internal,
    /the table is locked/,
  ],
  ["returns a promise", async () => createContextValues(), Code.Internal, /createContextValues\(\), not a promise/],
  [
    "returns a promise that rejects",
    async () => {
      throw new Error("bad token");
    },
    Code.Internal,
    /createContextValues\(\), not a promise/,
  ],
  ["returns nothing", () => undefined, Code.Internal, /createContextValues\(\), not undefined/],
] as const) {
  test(`contextValues that ${what}: the call fails, and its handler does not run`, { timeout: 10_000 }, async (t) => {
    let calls = 0;
    const { url, logged } = await serveEcho(
      t,
      {
        echo: () => {
          calls += 1;
          return {};
        },
      },
      { contextValues: contextValues as never },
    );
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
    await assert.rejects(client.echo({}), { code });
    assert.equal(calls, 0);
    assert.equal(logged.length, logs === undefined ? 0 : 1);
    if (logs !== undefined) assert.match(String(logged[0]?.[1]), logs);
  });
}

test("health, which Rust serves, does not need them", { timeout: 10_000 }, async (t) => {
  const contextValues = () => assert.fail("it was called");
  const protocols = [Healthcheck({ httpEnabled: true, manager: createHealthcheckManager() })];
  const { url } = await serveEcho(t, {}, { contextValues, protocols });
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal(createServer({ services: [], contextValues }).state, "created");
});
