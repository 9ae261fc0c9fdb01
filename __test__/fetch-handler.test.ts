// The option fetch: what a handler sees of a request, what a client gets of a response, and who is asked before it.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { connect } from "node:http2";
import { test } from "node:test";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import type { FetchHandler, HttpHandler } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { Hono } from "hono";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { type PlainClient, plainClients } from "./support/plain-http.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { exchangeHttp1, type Field, http1Request } from "./support/raw-http1.ts";
import { exchangeHttp2 } from "./support/raw-http2.ts";
import { serveFetch } from "./support/serve-fetch.ts";

failOnProcessFaults();

const [http1, http2] = plainClients as [PlainClient, PlainClient];
const TIMEOUT = { timeout: 20_000 };

for (const client of plainClients) {
  const { name, httpVersion, secure } = client;

  // contract: FE-request
  test(`${name}: the handler gets a Request with an absolute URL, the headers and the body`, TIMEOUT, async (t) => {
    const seen: unknown[] = [];
    const { port, send } = await serveFetch(t, client, async (request) => {
      assert.ok(request instanceof Request);
      const { method, url, headers, duplex, signal } = request as Request & { duplex?: string };
      assert.equal(duplex ?? "half", "half");
      assert.equal(signal.aborted, false);
      seen.push(method, url, headers.get("x-list"), headers.get("cookie"), headers.get("host"), await request.text());
      return new Response("seen");
    });
    const headers = { "X-List": ["a", "b"], cookie: httpVersion === "2.0" ? ["c=1", "d=2"] : "c=1; d=2" };
    const body = [Buffer.from("one "), Buffer.from("two")];
    const { status, body: text } = await send({ method: "PATCH", path: "/some/where?a=b&c=%20", headers, body });
    assert.deepEqual([status, text], [200, "seen"]);
    const host = `localhost:${port}`;
    const url = `${secure ? "https" : "http"}://${host}/some/where?a=b&c=%20`;
    assert.deepEqual(seen, ["PATCH", url, "a, b", "c=1; d=2", host, "one two"]);
  });

  // contract: FE-response
  test(`${name}: status and headers of the Response are sent, and each cookie for itself`, TIMEOUT, async (t) => {
    const { send } = await serveFetch(t, client, () => {
      const response = Response.json({ is: "a teapot" }, { status: 418, statusText: "Short and stout" });
      response.headers.append("set-cookie", "a=1; Path=/");
      response.headers.append("set-cookie", "b=2");
      response.headers.append("x-list", "a");
      response.headers.append("x-list", "b");
      return response;
    });
    const { status, headers, body } = await send({ path: "/" });
    assert.deepEqual([status, body, headers["x-list"]], [418, '{"is":"a teapot"}', "a, b"]);
    assert.deepEqual(headers["set-cookie"], ["a=1; Path=/", "b=2"]);
    assert.deepEqual([headers["content-type"], headers["content-length"]], ["application/json", "17"]);
    assert.ok(headers["date"]);
  });

  // contract: FE-no-body
  test(`${name}: a GET and a HEAD have no body, and HEAD, 204, 205 and 304 get none`, TIMEOUT, async (t) => {
    const seen: unknown[] = [];
    const cancelled: unknown[] = [];
    const { send, logged } = await serveFetch(t, client, (request) => {
      seen.push(request.body);
      const status = Number(new URL(request.url).pathname.slice(1));
      const body = new ReadableStream({ cancel: (reason) => void cancelled.push(reason) });
      return new Response(status === 200 ? body : null, { status, headers: { "x-is": "there" } });
    });
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 204],
      ["GET", 205],
      ["GET", 304],
      ["HEAD", 404],
    ] as const) {
      const response = await send({ method, path: `/${status}`, headers: { "content-length": "0" } });
      assert.deepEqual([response.status, response.headers["x-is"], response.body], [status, "there", ""], method);
    }
    assert.deepEqual(seen, [null, null, null, null, null]);
    assert.equal(cancelled.length, 1);
    assert.deepEqual(logged, []);
  });

  // contract: FE-failure
  test(
    `${name}: a handler that throws, or returns no Response, gives a 500, and the log says why`,
    TIMEOUT,
    async (t) => {
      const bug = new Error("a secret");
      const answers: Record<string, () => unknown> = {
        "/throws": () => {
          throw bug;
        },
        "/rejects": () => Promise.reject(bug),
        "/nothing": () => undefined,
        "/text": () => "a text",
        "/promise-of-nothing": async () => null,
        "/object": () => ({ status: 200, headers: new Headers(), body: null }),
      };
      const { send, logged } = await serveFetch(t, client, ((request: Request) =>
        answers[new URL(request.url).pathname]?.()) as FetchHandler);
      for (const path of Object.keys(answers)) {
        const { status, headers, body } = await send({ path: `${path}?token=secret` });
        assert.deepEqual([status, body], [500, "Internal Server Error"], path);
        assert.equal(headers["content-type"], "text/plain; charset=utf-8");
      }
      const no = (what: string) => `TypeError: fetch must return a Response or a promise of one, not ${what}`;
      assert.deepEqual(
        logged.map(([message, error]) => [message, error === bug ? bug : String(error)]),
        [
          ["fetch failed for GET /throws", bug],
          ["fetch failed for GET /rejects", bug],
          ["fetch failed for GET /nothing", no("undefined")],
          ["fetch failed for GET /text", no('"a text"')],
          ["fetch failed for GET /promise-of-nothing", no("null")],
          ["fetch failed for GET /object", no("an object")],
        ],
      );
    },
  );
}

/** Responses that cannot be sent, and what the log says of them. */
const wrongResponses: Record<string, [make: () => Response, error: RegExp]> = {
  "one of Response.error()": [
    () => Response.error(),
    /^TypeError: a Response must have a status from 200 to 999, not 0, as that/,
  ],
  "one whose body was read": [readResponse, /^TypeError: the body of the Response was read already, or is being read/],
  "one whose body is being read": [
    () => {
      const response = new Response("a");
      response.body?.getReader();
      return response;
    },
    /^TypeError: the body of the Response was read already, or is being read/,
  ],
  "one with a wrong content-length": [
    () => new Response("four", { headers: { "content-length": "3" } }),
    /^RangeError: the header content-length of the Response is 3, and its body has more/,
  ],
  "one whose body is too short": [
    () => new Response("four", { headers: { "content-length": "5" } }),
    /^RangeError: the header content-length of the Response is 5, and its body has 4 bytes/,
  ],
  "one without the body that it declares": [
    () => new Response(null, { headers: { "content-length": "5" } }),
    /^RangeError: the header content-length of the Response is 5, and its body has 0 bytes/,
  ],
  "one whose content-length is no number": [
    () => new Response("four", { headers: { "content-length": "four" } }),
    /^TypeError: the header content-length of the Response must be a number of bytes, not "four"/,
  ],
  "one whose first chunk is a text": [
    () => new Response(streamOf("a text") as never),
    /^TypeError: a chunk of the body of the Response must be a Uint8Array, not a string. Use new TextEncoder\(\)/,
  ],
  "one with headers that clients do not accept": [
    () => new Response("a", { headers: { "x-large": "a".repeat(30_000) } }),
    /^RangeError: headers or trailers of \d+ bytes cannot be sent/,
  ],
  "one of another status": [
    () => Object.defineProperty(new Response("a"), "status", { value: 101 }),
    /^TypeError: a Response must have a status from 200 to 999, not 101/,
  ],
  "a control character in a header": [
    () => new Response("a", { headers: { "x-a": "b\u0001" } }),
    /^TypeError: the header x-a of the Response has a control character, which HTTP does not allow/,
  ],
};

// contract: FE-unsendable
test("a Response that cannot be sent gives a 500, and the log says why", TIMEOUT, async (t) => {
  const names = Object.keys(wrongResponses);
  const { send, logged } = await serveFetch(t, http1, (request) => {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return (wrongResponses[name] as (typeof wrongResponses)[string])[0]();
  });
  for (const [index, name] of names.entries()) {
    const { status, body } = await send({ path: `/${encodeURIComponent(name)}` });
    assert.deepEqual([status, body], [500, "Internal Server Error"], name);
    assert.match(String(logged[index]?.[1]), (wrongResponses[name] as (typeof wrongResponses)[string])[1]);
  }
  assert.equal(logged.length, names.length);
});

/** Responses, and what HTTP/1.1 has of each. */
const rawResponses: Record<string, [make: () => Response, body: string, headers: Field[], absent?: string[]]> = {
  "a text": [() => new Response("text"), "text", [["content-length", "4"]], ["transfer-encoding"]],
  "no body": [() => new Response(null), "", [["content-length", "0"]], ["transfer-encoding"]],
  "no content, with a length": [
    () => new Response(null, { status: 204, headers: { "content-length": "5" } }),
    "",
    [],
    ["content-length", "transfer-encoding"],
  ],
  "a text of more than what is gathered": [
    () => new Response("x".repeat(70_000)),
    "x".repeat(70_000),
    [["content-length", "70000"]],
    ["transfer-encoding"],
  ],
  "an empty text": [() => new Response(""), "", [["content-length", "0"]], ["transfer-encoding"]],
  "bytes of a length that it says": [
    () => new Response(new Uint8Array([65]), { headers: { "content-length": "1" } }),
    "A",
    [["content-length", "1"]],
  ],
  "a stream of a length that it says": [
    () => new Response(slowly("ab", "cd"), { headers: { "content-length": "4" } }),
    "abcd",
    [["content-length", "4"]],
    ["transfer-encoding"],
  ],
  "a stream": [
    () => new Response(slowly("ab", "", "cd")),
    "abcd",
    [["transfer-encoding", "chunked"]],
    ["content-length"],
  ],
  "a stream that says chunked itself": [
    () => new Response(slowly("ab"), { headers: { "transfer-encoding": "chunked" } }),
    "ab",
    [["transfer-encoding", "chunked"]],
  ],
  "a redirect": [() => Response.redirect("http://a.example/b", 303), "", [["location", "http://a.example/b"]]],
  "a form": [
    () => new Response(new URLSearchParams({ a: "1" })),
    "a=1",
    [["content-type", "application/x-www-form-urlencoded;charset=UTF-8"]],
  ],
  "Response of another class": [foreignResponse, "foreign", [["x-is", "foreign"]]],
};

// contract: FE-length
test("the body is framed by its length where that is known", TIMEOUT, async (t) => {
  const { port, logged } = await serveFetch(t, http1, (request) => {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return (rawResponses[name] as (typeof rawResponses)[string])[0]();
  });
  for (const [name, [, expected, fields, absent = []]] of Object.entries(rawResponses)) {
    const target = `/${encodeURIComponent(name)}`;
    const request = { method: "GET", target, headers: [["host", "a"]] as const };
    const { headers, body, end } = await exchangeHttp1(port, http1Request(request));
    assert.deepEqual([String(body), end], [expected, "complete"], name);
    const names = headers.map(([header]) => header);
    for (const field of fields)
      assert.deepEqual(
        headers.find(([header]) => header === field[0]),
        field,
        name,
      );
    assert.deepEqual(
      absent.filter((header) => names.includes(header)),
      [],
      name,
    );
    // Over HTTP/2 there is no such framing.
    const over2 = await exchangeHttp2(port, { method: "GET", target, headers: [] });
    assert.deepEqual([String(over2.body), over2.end], [expected, "complete"], name);
  }
  assert.deepEqual(logged, []);
});

/** Requests as bytes, and what the handler sees of them, or the status that the client gets instead. */
const rawRequests: Record<string, [request: string, version: string, seen: string | number]> = {
  "the absolute form": [
    "GET http://other.example/a HTTP/1.1\r\nhost: a.example",
    "1.1",
    "GET http://other.example/a null",
  ],
  "HTTP/1.0 without a host": ["GET /a HTTP/1.0", "1.0", "GET http://127.0.0.1:PORT/a null"],
  "OPTIONS for the whole server": ["OPTIONS * HTTP/1.1\r\nhost: a.example", "1.1", "OPTIONS http://a.example/ null"],
  "two slashes": ["GET //b/c HTTP/1.1\r\nhost: a.example", "1.1", "GET http://a.example//b/c null"],
  "a method in small letters": [
    "get /a HTTP/1.1\r\nhost: a.example\r\ncontent-length: 1\r\n\r\nx",
    "1.1",
    "GET http://a.example/a null",
  ],
  "a method of its own": ["M-SEARCH /a HTTP/1.1\r\nhost: a.example", "1.1", "M-SEARCH http://a.example/a null"],
  "a GET with a body": [
    "GET /a HTTP/1.1\r\nhost: a.example\r\ncontent-length: 1\r\n\r\nx",
    "1.1",
    "GET http://a.example/a null",
  ],
  "a POST without a body": [
    "POST /a HTTP/1.1\r\nhost: a.example\r\ncontent-length: 0",
    "1.1",
    "POST http://a.example/a null",
  ],
  "a POST with a body": [
    "POST /a HTTP/1.1\r\nhost: a.example\r\ncontent-length: 1\r\n\r\nx",
    "1.1",
    "POST http://a.example/a x",
  ],
  "a header in Latin-1": [
    "GET /a HTTP/1.1\r\nhost: a.example\r\nx-seen: caf\xe9",
    "1.1",
    "GET http://a.example/a null caf\xe9",
  ],
  TRACE: ["TRACE /a HTTP/1.1\r\nhost: a.example", "1.1", 501],
  track: ["track /a HTTP/1.1\r\nhost: a.example", "1.1", 501],
  CONNECT: ["CONNECT a.example:80 HTTP/1.1\r\nhost: a.example:80", "1.1", 501],
  "a path in UTF-8": [
    `GET /caf${utf8("\u00e9")}?q=${utf8("\u20ac")} HTTP/1.1\r\nhost: a.example`,
    "1.1",
    "GET http://a.example/caf%C3%A9?q=%E2%82%AC null",
  ],
  "the URL of another host": [
    "GET http://b.example/a HTTP/1.1\r\nhost: b.example",
    "1.1",
    "GET http://b.example/a null",
  ],
  "a URL without a path": ["GET http://b.example?q=1 HTTP/1.1\r\nhost: a", "1.1", "GET http://b.example/?q=1 null"],
  "a URL of another scheme": ["GET ftp://a.example/a HTTP/1.1\r\nhost: a.example", "1.1", 400],
  "a host instead of a path": ["GET a.example HTTP/1.1\r\nhost: a.example", "1.1", 400],
  "a GET of the server as a whole": ["GET * HTTP/1.1\r\nhost: a.example", "1.1", 400],
  "a host that no URL has": ["GET /a HTTP/1.1\r\nhost: 1.2.3.999", "1.1", 400],
};

/** Bytes in UTF-8, as characters of Latin-1. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

// contract: FE-methods, FE-request
test("any request on the wire is a Request, a 501 or a 400", TIMEOUT, async (t) => {
  const { port, logged } = await serveFetch(t, http1, async (request) => {
    const body = request.body === null ? "null" : await request.text();
    const seen = [request.method, request.url, body, request.headers.get("x-seen")].filter((part) => part !== null);
    return new Response(Buffer.from(seen.join(" "), "latin1"));
  });
  for (const [name, [request, , seen]] of Object.entries(rawRequests)) {
    const bytes = Buffer.from(request.includes("\r\n\r\n") ? request : `${request}\r\n\r\n`, "latin1");
    const { status, body } = await exchangeHttp1(port, bytes);
    if (typeof seen === "number") assert.equal(status, seen, name);
    else assert.deepEqual([status, body.toString("latin1")], [200, seen.replace("PORT", String(port))], name);
  }
  assert.deepEqual(logged, []);
});

// contract: FE-methods
test("CONNECT over HTTP/2 is a 501, and its connection goes on", TIMEOUT, async (t) => {
  const { url } = await serveFetch(t, http2, () => new Response("reached"));
  const session = connect(url);
  t.after(() => session.destroy());
  for (const [headers, expected] of [
    [{ ":method": "CONNECT", ":authority": "a.example:80" }, 501],
    [{ ":method": "TRACE", ":path": "/" }, 501],
    [{ ":method": "GET", ":path": "/" }, 200],
  ] as const) {
    const stream = session.request(headers, { endStream: true });
    const [{ ":status": status }] = await once(stream, "response");
    stream.resume();
    assert.equal(status, expected, headers[":method"]);
  }
});

// contract: FE-response
test("a status text is not sent", TIMEOUT, async (t) => {
  const { url } = await serveFetch(t, http1, () => new Response(null, { status: 404, statusText: "Gone fishing" }));
  assert.equal((await fetch(url)).statusText, "Not Found");
});

// contract: FE-rpc
test("clients of gRPC, gRPC-Web and Connect get their protocol's error for an unknown path", TIMEOUT, async (t) => {
  const asked: string[] = [];
  const { send, url, port } = await serveFetch(t, http1, (request) => {
    asked.push(request.url);
    return new Response("reached");
  });
  const http = { baseUrl: `${url}/below`, httpVersion: "1.1" } as const;
  const clients: Record<string, Client<typeof EchoService>> = {
    gRPC: createClient(EchoService, createGrpcTransport({ baseUrl: `${url}/below` })),
    "gRPC-Web": createClient(EchoService, createGrpcWebTransport(http)),
    Connect: createClient(EchoService, createConnectTransport({ ...http, useBinaryFormat: true })),
    "Connect with JSON": createClient(EchoService, createConnectTransport(http)),
  };
  for (const [name, client] of Object.entries(clients)) {
    await assert.rejects(client.echo({}), { code: Code.Unimplemented }, name);
  }
  const json = await exchangeHttp2(port, {
    method: "POST",
    target: "/x",
    headers: [["content-type", "application/grpc+thrift"]],
  });
  assert.equal(json.status, 404);
  assert.deepEqual(asked, []);
  // Plain JSON is not enough to be a client of Connect.
  const headers = { "content-type": "application/json" };
  assert.equal((await send({ method: "POST", path: "/x", headers, body: [Buffer.from("{}")] })).body, "reached");
  assert.equal(asked.length, 1);
});

// contract: FE-order, PR4
test("methods, health and httpHandlers come first", TIMEOUT, async (t) => {
  const asked: string[] = [];
  const httpHandler: HttpHandler = (request, response) => {
    asked.push(`httpHandler ${request.url}`);
    if (!request.url?.startsWith("/node")) return false;
    response.end("by Node's types");
    return true;
  };
  const { send, url } = await serveFetch(
    t,
    http1,
    async (request) => {
      asked.push(`fetch ${new URL(request.url).pathname}`);
      return new Response(`by fetch: ${await request.text()}`);
    },
    { protocols: [Healthcheck({ httpEnabled: true }), { name: "pages", register() {}, httpHandler }] },
  );
  const echo = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  assert.equal((await echo.echo({ text: "a" })).text, "a");
  assert.equal((await send({ path: "/livez" })).status, 200);
  assert.equal((await send({ path: `/${EchoService.typeName}/Echo`, method: "PUT" })).status, 405);
  assert.deepEqual(asked, []);
  assert.equal((await send({ path: "/node" })).body, "by Node's types");
  const body = [Buffer.from("a body")];
  assert.equal((await send({ path: "/other", method: "POST", body })).body, "by fetch: a body");
  assert.deepEqual(asked, ["httpHandler /node", "httpHandler /other", "fetch /other"]);
});

// contract: FE-touched
test("an httpHandler that reads the body must not leave the request to fetch", TIMEOUT, async (t) => {
  const late: (() => void)[] = [];
  const httpHandler: HttpHandler = (request, response) => {
    if (request.url === "/reads") request.on("data", () => {});
    // Too late: it has left the request to others.
    late.push(() => {
      response.setHeader("x-late", "1");
      response.end("late");
    });
    return false;
  };
  const { send, logged } = await serveFetch(
    t,
    http1,
    async (request) => {
      for (const respond of late.splice(0)) respond();
      return new Response(`by fetch: ${await request.text()}`);
    },
    { protocols: [{ name: "reads", register() {}, httpHandler }] },
  );
  const post = (path: string) => send({ path, method: "POST", body: [Buffer.from("a body")] });
  assert.equal((await post("/reads")).status, 500);
  assert.match(String(logged[0]?.[1]), /an httpHandler read the body of a request and returned a falsy value/);
  const { body, headers } = await post("/leaves");
  assert.deepEqual([body, headers["x-late"]], ["by fetch: a body", undefined]);
  // A GET has nothing to lose.
  assert.equal((await send({ path: "/reads" })).body, "by fetch: ");
  assert.equal(logged.length, 1);
});

test("each request has an async context of its own, and the handler no this", TIMEOUT, async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { send } = await serveFetch(t, http1, function (this: unknown) {
    seen.push(this, storage.getStore());
    storage.enterWith("mine");
    const body = new ReadableStream({
      async pull(controller) {
        await null;
        controller.enqueue(Buffer.from(String(storage.getStore())));
        controller.close();
      },
    });
    return new Response(body);
  });
  const bodies = await Promise.all(Array.from({ length: 10 }, () => send({ path: "/" })));
  assert.deepEqual(new Set(bodies.map(({ body }) => body)), new Set(["mine"]));
  assert.deepEqual(new Set(seen), new Set([undefined]));
});

test("what the client chose has no control characters in the log", TIMEOUT, async (t) => {
  const { port, logged } = await serveFetch(t, http1, () => {
    throw new Error("mine");
  });
  // U+0085 begins a line, and U+009B a sequence that steers a terminal.
  await exchangeHttp1(port, Buffer.from("GET /a\u0085b\u009b31m HTTP/1.1\r\nhost: a\r\n\r\n"));
  assert.deepEqual(logged[0]?.[0], "fetch failed for GET /a%%C2%%85b%%C2%%9B31m");
});

test("the log has at most 500 characters of what the client chose, and no query", TIMEOUT, async (t) => {
  const { port, logged } = await serveFetch(t, http1, () => Promise.reject(new Error("no")));
  const target = `/${"a".repeat(10_000)}?token=secret`;
  await exchangeHttp1(port, http1Request({ method: "B".repeat(2_000), target, headers: [["host", "a"]] }));
  assert.deepEqual(logged[0]?.[0], `fetch failed for ${"B".repeat(500)}... /${"a".repeat(499)}...`);
});

for (const client of [http1, http2]) {
  // contract: FE-hono
  test(`${client.name}: an application of Hono is served beside RPCs`, TIMEOUT, async (t) => {
    const app = new Hono();
    app.get("/users/:id", (context) => context.json({ id: context.req.param("id"), q: context.req.query("q") }));
    app.post("/users", async (context) => {
      context.header("set-cookie", "a=1", { append: true });
      context.header("set-cookie", "b=2", { append: true });
      return context.json(await context.req.json(), 201);
    });
    app.get("/fails", () => {
      throw new Error("hidden");
    });
    app.onError((error, context) => context.text(`handled: ${error.message}`, 503));
    const { send, url } = await serveFetch(t, client, app.fetch);
    assert.equal((await send({ path: "/users/7?q=a%20b" })).body, '{"id":"7","q":"a b"}');
    const body = [Buffer.from('{"name":"Ada"}')];
    const created = await send({
      path: "/users",
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    assert.deepEqual([created.status, created.body], [201, '{"name":"Ada"}']);
    assert.deepEqual(created.headers["set-cookie"], ["a=1", "b=2"]);
    assert.deepEqual([(await send({ path: "/fails" })).status, (await send({ path: "/none" })).status], [503, 404]);
    const echo = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
    assert.equal((await echo.echo({ text: "a" })).text, "a");
  });
}

function readResponse(): Response {
  const response = new Response("a");
  void response.text();
  return response;
}

/** A body of chunks that are there at once. */
function streamOf(...chunks: unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** A body whose chunks come in later turns of the event loop. */
function slowly(...texts: string[]): ReadableStream<Uint8Array> {
  const left = [...texts];
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      const text = left.shift();
      if (text === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

/** As packages that bring their own classes make it. */
function foreignResponse(): Response {
  const { status, headers, body } = new Response("foreign", { headers: { "x-is": "foreign" } });
  return { status, headers, body, bodyUsed: false, [Symbol.toStringTag]: "Response" } as unknown as Response;
}
