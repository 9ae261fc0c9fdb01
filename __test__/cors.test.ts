// CORS of a server with handlers in JavaScript: whom Rust answers, what it adds, and what it leaves to handlers.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { Code, ConnectError, cors as connectCors } from "@connectrpc/connect";
import type { CreateServerOptions, HttpHandler } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { certificate, identity } from "./support/certificates.ts";
import { SERVICE } from "./support/grpc-session.ts";
import { type PlainAnswer, type PlainClient, type PlainRequest, plainClients } from "./support/plain-http.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { serveFetch } from "./support/serve-fetch.ts";

const PAGE = "https://app.example";
const STRANGER = "https://evil.example";

const preflight = (path: string, origin = PAGE, method = "POST"): PlainRequest => ({
  method: "OPTIONS",
  path,
  headers: { origin, "access-control-request-method": method, "access-control-request-headers": "content-type" },
});

const call = (path: string, origin: string, headers: Record<string, string> = {}): PlainRequest => ({
  method: "POST",
  path,
  headers: { origin, "content-type": "application/json", ...headers },
  body: [Buffer.from("{}")],
});

/** Names that a list of a response has. */
const named = (answer: PlainAnswer, header: string) => String(answer.headers[header] ?? "").split(", ");

/** The fields of CORS in a response, and `vary`. */
function corsFields({ headers }: PlainAnswer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === "vary" || name.startsWith("access-control-allow-")),
  );
}

const readable = { "access-control-allow-origin": PAGE, vary: "origin" };

/** A server whose handlers count, with two plain pages and health. */
async function served(t: TestContext, cors: CreateServerOptions["cors"], { secure, send }: PlainClient) {
  const asked: string[] = [];
  const httpHandler: HttpHandler = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === "/page") response.setHeader("vary", "accept");
    else if (request.url === "/own") response.setHeader("access-control-allow-origin", "https://own.example");
    else return false;
    response.end("a page");
    return true;
  };
  const { port } = await serveEcho(
    t,
    {
      echo: (_, context) => {
        asked.push("echo");
        if (context.requestHeader.get("x-own") !== null) {
          context.responseHeader.set("access-control-allow-origin", "https://own.example");
        }
        const expose = context.requestHeader.get("x-expose");
        if (expose !== null) context.responseHeader.set("access-control-expose-headers", expose);
        return {};
      },
      echoGet: () => ({}),
      async *echoServerStream() {
        yield {};
        throw new ConnectError("no more", Code.Aborted);
      },
      echoBidiStream: () => {
        throw new ConnectError("no", Code.PermissionDenied);
      },
    },
    {
      ...(secure && { tls: identity("server") }),
      protocols: [{ name: "pages", register() {}, httpHandler }, Healthcheck({ httpEnabled: true })],
      cors,
    },
  );
  return {
    asked,
    send: (request: PlainRequest) => send(port, request, secure ? certificate("ca.crt") : undefined),
  };
}

for (const client of plainClients) {
  // contract: CO-preflight, CO-headers
  test(`${client.name}: Rust answers the preflights of RPC paths`, { timeout: 20_000 }, async (t) => {
    const origins = [PAGE, "http://localhost:5173"];
    const { asked, send } = await served(t, { origins, allowHeaders: ["Authorization"], maxAge: 60 }, client);
    for (const [path, verbs] of [
      [`${SERVICE}/Echo`, "POST"],
      [`${SERVICE}/EchoGet`, "GET, POST"],
      [`${SERVICE}/EchoServerStream`, "POST"],
      ["/grpc.health.v1.Health/Check", "POST"],
    ] as const) {
      for (const origin of origins) {
        const answer = await send(preflight(path, origin));
        assert.deepEqual([answer.status, answer.body], [204, ""], path);
        assert.equal(answer.headers["access-control-allow-origin"], origin, path);
        assert.equal(answer.headers["access-control-allow-methods"], verbs, path);
        assert.equal(answer.headers["access-control-max-age"], "60", path);
        assert.equal(answer.headers["access-control-allow-credentials"], undefined);
        assert.equal(answer.headers["vary"], "origin", path);
        const allowed = named(answer, "access-control-allow-headers");
        const needed = [...connectCors.allowedHeaders.map((name) => name.toLowerCase()), "authorization"];
        assert.deepEqual(
          needed.filter((name) => !allowed.includes(name)),
          [],
        );
        assert.deepEqual(
          connectCors.allowedMethods.filter((verb) => verb !== "GET" && !verbs.includes(verb)),
          [],
        );
      }
      const refused = await send(preflight(path, STRANGER));
      assert.deepEqual([refused.status, corsFields(refused)], [204, { vary: "origin" }], path);
      const noPreflight = await send({ method: "OPTIONS", path, headers: { origin: PAGE } });
      assert.equal(noPreflight.status, 405, path);
    }
    assert.deepEqual(asked, []);
  });

  // contract: CO-every-response, CO-headers
  test(`${client.name}: a page can read every response of an RPC path`, { timeout: 20_000 }, async (t) => {
    const { send } = await served(t, { origins: [PAGE], exposeHeaders: ["Trailer-X-Count"] }, client);
    const grpcWeb = { "content-type": "application/grpc-web+json" };
    for (const [request, status] of [
      [call(`${SERVICE}/Echo`, PAGE), 200],
      [{ path: `${SERVICE}/EchoGet?encoding=json&message=%7B%7D`, headers: { origin: PAGE } }, 200],
      [{ ...call(`${SERVICE}/EchoServerStream`, PAGE, grpcWeb), body: [Buffer.from("\0\0\0\0\x02{}")] }, 200],
      [{ ...call(`${SERVICE}/EchoBidiStream`, PAGE, grpcWeb), body: [Buffer.from("\0\0\0\0\x02{}")] }, 200],
      [call(`${SERVICE}/Echo`, PAGE, { "connect-timeout-ms": "soon" }), 400],
      [call(`${SERVICE}/EchoClientStream`, PAGE), 415],
      [call(`${SERVICE}/Echo`, PAGE, { "content-type": "text/plain" }), 415],
      [{ ...call(`${SERVICE}/Echo`, PAGE), method: "PUT" }, 405],
      [call("/no.Service/Method", PAGE), 404],
      [call("/grpc.health.v1.Health/Check", PAGE), 200],
    ] as const) {
      const answer = await send(request);
      const what = `${request.path} ${JSON.stringify(request.headers)}`;
      assert.deepEqual([answer.status, corsFields(answer)], [status, readable], what);
      const exposed = named(answer, "access-control-expose-headers");
      const needed = [...connectCors.exposedHeaders.map((name) => name.toLowerCase()), "trailer-x-count"];
      assert.deepEqual(
        needed.filter((name) => !exposed.includes(name)),
        [],
        what,
      );
    }
    // A handler may expose more.
    const more = await send(call(`${SERVICE}/Echo`, PAGE, { "x-expose": "X-Page" }));
    const exposed = named(more, "access-control-expose-headers");
    assert.ok(exposed.includes("X-Page") && exposed.includes("grpc-status"), String(exposed));
    // The handler decides, and it did.
    const own = await send(call(`${SERVICE}/Echo`, PAGE, { "x-own": "1" }));
    assert.deepEqual(corsFields(own), { "access-control-allow-origin": "https://own.example" });
  });

  // contract: CO-handlers, CO-all
  test(`${client.name}: plain HTTP and health are covered by "all" only`, { timeout: 20_000 }, async (t) => {
    for (const all of [false, true]) {
      const { asked, send } = await served(t, { origins: [PAGE], all }, client);
      const page = await send({ path: "/page", headers: { origin: PAGE } });
      const pageFields = all ? { ...readable, vary: "accept, origin" } : { vary: "accept" };
      assert.deepEqual([page.body, corsFields(page)], ["a page", pageFields]);
      const own = await send({ path: "/own", headers: { origin: PAGE } });
      assert.deepEqual(corsFields(own), { "access-control-allow-origin": "https://own.example" });
      const health = await send({ path: "/livez", headers: { origin: PAGE } });
      assert.deepEqual([health.status, corsFields(health)], [200, all ? readable : {}]);
      asked.length = 0;
      const preflights = [];
      for (const path of ["/page", "/livez", "/nowhere"]) preflights.push(await send(preflight(path, PAGE, "PUT")));
      assert.deepEqual(
        preflights.map(({ status }) => status),
        all ? [204, 204, 204] : [200, 405, 204],
      );
      const verbs = preflights.map(({ headers }) => headers["access-control-allow-methods"]);
      const every = "GET, HEAD, POST, PUT, PATCH, DELETE";
      assert.deepEqual(verbs, all ? [every, every, every] : [undefined, undefined, "GET, POST"]);
      assert.deepEqual(asked, all ? [] : ["OPTIONS /page", "OPTIONS /nowhere"]);
      const missing = await send({ path: "/nowhere", headers: { origin: PAGE } });
      assert.deepEqual([missing.status, corsFields(missing)], [404, readable], "nobody's path");
    }
  });
}

// contract: CO-preflight, FE-rpc
test("beside fetch, preflights of clients for an unknown method are Rust's, and others the handler's", {
  timeout: 20_000,
}, async (t) => {
  for (const client of plainClients) {
    const asked: string[] = [];
    const cors = { origins: [PAGE] };
    const own = (request: Request) => {
      asked.push(`${request.method} ${request.headers.get("access-control-request-headers")}`);
      return new Response("own");
    };
    const { send } = await serveFetch(t, client, own, { cors });
    const asking = (names: string): PlainRequest => {
      const request = preflight("/no.Service/Method");
      return { ...request, headers: { ...request.headers, "access-control-request-headers": names } };
    };
    for (const names of ["connect-protocol-version,content-type", "content-type, X-Grpc-Web"]) {
      const answer = await send(asking(names));
      const allowed = answer.headers["access-control-allow-methods"];
      assert.deepEqual([answer.status, allowed], [204, "GET, POST"], names);
      assert.equal(answer.headers["access-control-allow-origin"], PAGE, names);
    }
    const missing = await send(call("/no.Service/Method", PAGE, { "connect-protocol-version": "1" }));
    assert.deepEqual([missing.status, corsFields(missing)], [404, readable]);
    const others = await send(asking("content-type, connect-timeout-ms"));
    assert.deepEqual([others.body, corsFields(others)], ["own", {}]);
    assert.deepEqual(asked, ["OPTIONS content-type, connect-timeout-ms"]);
  }
});

const [plain] = plainClients;
if (plain === undefined) throw new Error("there is a client");

// contract: CO-no-authorization, CO-any, CO-credentials
test("an origin gets what the option says, whoever asks", { timeout: 20_000 }, async (t) => {
  const anyone = { "access-control-allow-origin": "*" };
  const vary = { vary: "origin" };
  for (const [cors, origin, expected] of [
    [true, STRANGER, anyone],
    [{ origins: "*" }, "null", anyone],
    [{ origins: [PAGE] }, PAGE, readable],
    [{ origins: [PAGE] }, STRANGER, vary],
    [{ origins: [PAGE] }, `${PAGE}/`, vary],
    [{ origins: [PAGE] }, `${PAGE}, ${STRANGER}`, vary],
    [{ origins: [] }, PAGE, vary],
    [{ origins: [PAGE], credentials: true }, PAGE, { ...readable, "access-control-allow-credentials": "true" }],
    [{ origins: [PAGE], credentials: true }, STRANGER, vary],
    [false, PAGE, {}],
    [undefined, PAGE, {}],
  ] as const) {
    const { asked, send } = await served(t, cors, plain);
    const answer = await send(call(`${SERVICE}/Echo`, origin));
    assert.deepEqual([answer.status, corsFields(answer)], [200, expected], `${JSON.stringify(cors)} ${origin}`);
    assert.deepEqual(asked, ["echo"], "it is served");
  }
});

// contract: CO-none
test("without the option a preflight is a verb that no method has", { timeout: 20_000 }, async (t) => {
  const { send } = await served(t, undefined, plain);
  const answer = await send(preflight(`${SERVICE}/Echo`));
  assert.deepEqual([answer.status, answer.headers["allow"], corsFields(answer)], [405, "POST", {}]);
});

// contract: CO-preflight
test("preflights are answered while JavaScript is busy", { timeout: 20_000 }, async (t) => {
  const busyMs = 2_000;
  const { port } = await serveEcho(t, { echo: () => ({}) }, { cors: { origins: [PAGE], all: true } });
  const requests = [`${SERVICE}/Echo`, "/anything"].map((path) => ({
    path,
    headers: { ":method": "OPTIONS", origin: PAGE, "access-control-request-method": "POST" },
    body: "",
  }));
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests },
  });
  await once(worker, "message");
  worker.postMessage("go");
  blockEventLoop(busyMs);
  const [answers] = (await once(worker, "message")) as [{ head: Record<string, unknown>; ms: number }[]];
  assert.equal(answers.length, 2);
  for (const { head, ms } of answers) {
    assert.deepEqual([head[":status"], head["access-control-allow-origin"]], [204, PAGE]);
    assert.ok(ms < busyMs / 2, `answered after ${Math.round(ms)} ms`);
  }
});
