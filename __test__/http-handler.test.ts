// Plain HTTP requests, answered by the `httpHandler` of a protocol with the API of node:http.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { get, type IncomingMessage, request as requestHttp1, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, type HttpHandler, type ProtocolRegistration } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { type PlainClient, plainClients } from "./support/plain-http.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { exchangeHttp1, http1Request } from "./support/raw-http1.ts";
import { serve } from "./support/serve.ts";

failOnProcessFaults();

const ca = certificate("ca.crt");

/** Most handlers are written for only one of Node's two pairs of classes. */
type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A protocol with nothing but these handlers. */
function protocol(...handlers: HttpHandler[]): ProtocolRegistration[] {
  return handlers.map((httpHandler, index) => ({ name: `p${index}`, register() {}, httpHandler }));
}

/** Serves `handler`, and sends to it. */
async function handling(
  t: TestContext,
  { secure, send }: PlainClient,
  handler: Handler,
  options: Partial<CreateServerOptions> = {},
) {
  const served = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
    protocols: protocol(handler as HttpHandler),
    ...(secure ? { tls: identity("server") } : {}),
    ...options,
  });
  return {
    ...served,
    send: (request: Parameters<typeof send>[1]) => send(served.port, request, secure ? ca : undefined),
  };
}

for (const client of plainClients) {
  const { name, httpVersion, secure } = client;
  const isHttp2 = httpVersion === "2.0";

  // contract: DEC-marker
  test(`${name}: the request has the properties of Node's`, { timeout: 20_000 }, async (t) => {
    let seen: Record<string, unknown> = {};
    const { port, send } = await handling(t, client, (request, response) => {
      const { method, url, httpVersion, headers, socket } = request;
      seen = { method, url, httpVersion, headers: { ...headers }, remote: socket.remoteAddress };
      assert.ok((socket.remotePort ?? 0) > 0);
      assert.equal(Reflect.get(socket, "encrypted"), secure);
      response.end("seen");
      return true;
    });
    const headers = { "X-One": "1", "x-list": ["a", "b"], cookie: "c=1", "connectum-internal-transport": "in-process" };
    const response = await send({ method: "PATCH", path: "/some/where?a=b&c=%20", headers, body: [] });
    assert.deepEqual([response.status, response.body], [200, "seen"]);
    const { headers: received, ...rest } = seen;
    assert.deepEqual(rest, { method: "PATCH", url: "/some/where?a=b&c=%20", httpVersion, remote: "127.0.0.1" });
    const all = received as Record<string, string>;
    assert.deepEqual([all["x-one"], all["x-list"], all["cookie"]], ["1", "a, b", "c=1"]);
    assert.equal(all["host"], `localhost:${port}`);
    if (isHttp2) assert.deepEqual([all[":method"], all[":authority"]], ["PATCH", `localhost:${port}`]);
    // It marks calls within the process, and must not be forged.
    assert.equal(all["connectum-internal-transport"], undefined);
  });

  if (isHttp2) {
    for (const [sent, authority, host] of [
      [{ host: "a.example" }, undefined, "a.example"],
      [{ ":authority": "b.example" }, "b.example", "b.example"],
      [{ ":authority": "b.example", host: "a.example" }, "b.example", "b.example"],
    ] as const) {
      test(`${name}: a client that sends ${Object.keys(sent).join(" and ")} means the host ${host}`, {
        timeout: 20_000,
      }, async (t) => {
        let seen: unknown[] = [];
        const { send } = await handling(t, client, (request, response) => {
          const { headers } = request;
          seen = [headers[":authority"], headers.host, Reflect.get(request, "authority")];
          response.end();
          return true;
        });
        assert.equal((await send({ path: "/", headers: sent })).status, 200);
        assert.deepEqual(seen, [authority, host, host]);
      });
    }
  }

  test(`${name}: status and headers can be set in every way that Node has`, { timeout: 20_000 }, async (t) => {
    const { send } = await handling(t, client, (request, response) => {
      if (request.url === "/set") {
        response.statusCode = 418;
        response.setHeader("X-A", "1");
        response.setHeader("x-gone", "1");
        response.removeHeader("X-Gone");
        response.setHeader("set-cookie", ["a=1", "b=2"]);
        assert.deepEqual(
          [response.getHeader("x-a"), response.hasHeader("X-a"), response.getHeaderNames()],
          ["1", true, ["x-a", "set-cookie"]],
        );
        response.end(JSON.stringify({ is: "a teapot" }));
      } else {
        response.setHeader("x-before", "1");
        response.setHeader("x-over", "old");
        response.writeHead(201, { "x-over": "new", "content-type": "text/plain", "x-number": 5 });
        assert.ok(response.headersSent);
        assert.throws(() => response.setHeader("x-late", "1"), { code: "ERR_HTTP_HEADERS_SENT" });
        response.write("two ");
        response.end("pieces");
      }
      return true;
    });
    const set = await send({ path: "/set" });
    assert.deepEqual([set.status, set.body, set.headers["x-a"]], [418, '{"is":"a teapot"}', "1"]);
    assert.deepEqual([set.headers["set-cookie"], set.headers["x-gone"]], [["a=1", "b=2"], undefined]);
    assert.equal(set.headers["content-length"], "17");
    assert.ok(set.headers["date"]);
    const written = await send({ path: "/write" });
    assert.deepEqual([written.status, written.body], [201, "two pieces"]);
    const { headers } = written;
    assert.deepEqual([headers["x-before"], headers["x-over"], headers["x-number"]], ["1", "new", "5"]);
    assert.equal(headers["content-type"], "text/plain");
  });

  test(`${name}: a body of 8 MiB is streamed in both directions`, { timeout: 30_000 }, async (t) => {
    const { send } = await handling(t, client, (request, response) => {
      request.pipe(response);
      return true;
    });
    const piece = Buffer.alloc(512 * 1024, "0123456789abcdef");
    const response = await send({ method: "POST", path: "/echo", body: Array(16).fill(piece) });
    assert.equal(response.body.length, 16 * piece.length);
    assert.ok(Buffer.from(response.body).equals(Buffer.concat(Array(16).fill(piece))));
  });

  test(`${name}: HEAD, 204 and 304 have no body`, { timeout: 20_000 }, async (t) => {
    let finished = 0;
    const { send } = await handling(t, client, (request, response) => {
      response.on("finish", () => (finished += 1));
      response.writeHead(Number(request.url?.slice(1)), { "x-is": "there" });
      response.write("nobody ");
      setImmediate(() => response.end("sees this"));
      return true;
    });
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 204],
      ["GET", 304],
    ] as const) {
      const { headers, body, ...response } = await send({ method, path: `/${status}` });
      assert.deepEqual([response.status, headers["x-is"], body], [status, "there", ""], method);
    }
    assert.equal(finished, 3);
  });

  // contract: PR4, DEC-lost-plain, DEC-lost-connect, DEC-lost-grpc
  test(`${name}: a request that no handler takes is not found, in the client's protocol`, {
    timeout: 20_000,
  }, async (t) => {
    const { send, url } = await handling(t, client, () => false);
    const plain = await send({ path: "/nowhere" });
    assert.deepEqual([plain.status, plain.body, plain.headers["content-type"]], [404, "Not Found", undefined]);
    const headers = { "content-type": "application/proto" };
    const connect = await send({ method: "POST", path: "/no.Service/Method", headers, body: [] });
    assert.deepEqual([connect.status, JSON.parse(connect.body).code], [404, "unimplemented"]);
    if (!secure) {
      const missing = createClient(EchoService, createGrpcTransport({ baseUrl: `${url}/below` }));
      await assert.rejects(missing.echo({}), { code: Code.Unimplemented });
    }
  });

  test(`${name}: a handler that fails gives a 500, and its error is logged`, { timeout: 20_000 }, async (t) => {
    const bug = new Error("a secret");
    const { send, logged } = await handling(t, client, (request) => {
      if (request.url === "/throws") throw bug;
      // Programs have such handlers, although the type does not allow them.
      return Promise.reject(bug) as unknown as boolean;
    });
    for (const path of ["/throws", "/rejects"]) {
      const { status, body } = await send({ path });
      assert.deepEqual([status, body], [500, "Internal Server Error"]);
    }
    assert.deepEqual(logged, [
      ["httpHandler failed for GET /throws", bug],
      ["httpHandler failed for GET /rejects", bug],
    ]);
  });

  test(`${name}: a handler that fails half-way aborts its response`, { timeout: 20_000 }, async (t) => {
    const { send, logged } = await handling(t, client, (_, response) => {
      response.write("half");
      // After the first half was sent.
      setTimeout(() => response.destroy(new Error("no more")), 20);
      return true;
    });
    await assert.rejects(send({ path: "/" }), /aborted|ECONNRESET|INTERNAL_ERROR/);
    assert.equal(String(logged[0]?.[1]), "Error: no more");
  });

  test(`${name}: an error that a request is destroyed with is logged if nothing listens for it`, {
    timeout: 20_000,
  }, async (t) => {
    const bug = new Error("bad upload");
    const { send, logged } = await handling(t, client, (request, response) => {
      request.destroy(bug);
      request.once("close", () => response.end("refused"));
      return true;
    });
    assert.equal((await send({ path: "/" })).body, "refused");
    assert.deepEqual(logged, [["httpHandler failed for GET /", bug]]);
  });

  test(`${name}: a handler of connect-node's works as an httpHandler`, { timeout: 20_000 }, async (t) => {
    const routes = connectNodeAdapter({
      requestPathPrefix: "/below",
      routes: (router) =>
        router.service(EchoService, {
          echo: ({ text }) => ({ text: `${text}!` }),
          async *echoServerStream({ text }) {
            for (let index = 0; index < 3; index++) yield { text, index };
          },
        }),
    });
    const { port } = await handling(t, client, (request, response) => {
      // It accepts either of Node's pairs of classes.
      routes(request as never, response as never);
      return true;
    });
    const transport = createConnectTransport({
      baseUrl: `${secure ? "https" : "http"}://localhost:${port}/below`,
      httpVersion: isHttp2 ? "2" : "1.1",
      ...(secure ? { nodeOptions: { ca } } : {}),
    });
    const below = createClient(EchoService, transport);
    assert.equal((await below.echo({ text: "a" })).text, "a!");
    const indexes: number[] = [];
    for await (const { index } of below.echoServerStream({ text: "a" })) indexes.push(index);
    assert.deepEqual(indexes, [0, 1, 2]);
    await assert.rejects(below.echoGet({ text: "a" }), { code: Code.Unimplemented });
  });
}

const [http1] = plainClients as [PlainClient];

// contract: PR3, PR5
test("handlers are called in order, without a this, until one returns a truthy value", {
  timeout: 20_000,
}, async (t) => {
  const called: string[] = [];
  const handler = (name: string, handles: unknown): HttpHandler =>
    function (this: unknown, request, response) {
      assert.equal(this, undefined);
      called.push(`${name} ${request.url}`);
      if (handles) response.end(name);
      return handles as boolean;
    };
  const protocols = protocol(handler("a", false), handler("b", undefined), handler("c", "yes"), handler("d", true));
  const late: ProtocolRegistration = { name: "late", register() {} };
  const { port, server } = await serve(t, { services: [], protocols: [late, ...protocols] });
  late.httpHandler = handler("late", true);
  const { body } = await http1.send(port, { path: "/x?y" });
  assert.equal(body, "c");
  assert.deepEqual(called, ["a /x?y", "b /x?y", "c /x?y"]);
  assert.equal(server.protocols.length, 5);
});

// contract: PR3, PR6
test("handlers are not called for paths of RPCs, and interceptors do not run for other paths", {
  timeout: 20_000,
}, async (t) => {
  const called: (string | undefined)[] = [];
  let intercepted = 0;
  const { send, url } = await handling(
    t,
    http1,
    ({ url }, response) => {
      called.push(url);
      response.end("here");
      return true;
    },
    {
      interceptors: [
        (next) => (request) => {
          intercepted += 1;
          return next(request);
        },
      ],
    },
  );
  const path = `/${EchoService.typeName}/Echo`;
  assert.equal((await send({ method: "PUT", path: `${path}?x` })).status, 405);
  const echo = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  assert.equal((await echo.echo({ text: "a" })).text, "a");
  assert.equal((await send({ path: `${path.toLowerCase()}` })).body, "here");
  assert.deepEqual([called, intercepted], [[path.toLowerCase()], 1]);
});

// contract: PR2, PR5
test("names of protocols need not be unique, and may be missing", { timeout: 20_000 }, async (t) => {
  const called: number[] = [];
  const protocols = ["same", "same", "", undefined].map((name, index) => ({
    name: name as string,
    register() {},
    httpHandler() {
      called.push(index);
      return false;
    },
  }));
  const { port, logged } = await serve(t, { services: [], protocols });
  assert.equal((await http1.send(port, { path: "/" })).status, 404);
  assert.deepEqual([called, logged], [[0, 1, 2, 3], []]);
});

test("parts of a response arrive as they are written", { timeout: 20_000 }, async (t) => {
  let write = (_: string) => {};
  const { port } = await handling(t, http1, (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    write = (text) => void response.write(text);
    return true;
  });
  const request = get({ port, path: "/events", agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  assert.equal(response.headers["content-type"], "text/event-stream");
  for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
    write(text);
    const [chunk] = await once(response, "data");
    assert.equal(String(chunk), text);
  }
  request.destroy();
});

test("a client that does not read stops the handler that writes", { timeout: 30_000 }, async (t) => {
  const piece = Buffer.alloc(64 * 1024);
  let written = 0;
  const { port } = await handling(t, http1, (_, response) => {
    const writeOn = () => {
      let hasRoom = true;
      while (hasRoom && !response.destroyed) {
        hasRoom = response.write(piece);
        written += piece.length;
      }
      response.once("drain", writeOn);
    };
    writeOn();
    return true;
  });
  const request = get({ port, path: "/", agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.pause();
  let before = -1;
  while (written !== before) {
    before = written;
    await sleep(300); // Long enough for anything on loopback that is still under way.
  }
  // The kernel's buffers for a loopback connection, and a few chunks in our own.
  assert.ok(written > 0 && written < 16 * 1024 * 1024, `${written} bytes`);
  response.resume();
  await eventually(() => written > before, "writing continues");
  request.destroy();
});

test("a disconnect of the client closes only its request and response", { timeout: 20_000 }, async (t) => {
  const events: string[] = [];
  const { promise: begun, resolve: arrived } = deferred();
  const { promise: closed, resolve: over } = deferred();
  const { port, logged } = await handling(t, http1, (request, response) => {
    request.on("aborted", () => events.push("aborted"));
    request.on("close", () => events.push(`request closed ${request.complete}`));
    response.on("close", () => {
      events.push(`response closed ${response.writableFinished}`);
      // Too late: these calls must have no effect.
      response.setHeader("x-late", "1");
      response.write("late");
      response.end();
      over();
    });
    request.resume();
    arrived();
    return true;
  });
  const request = requestHttp1({ port, path: "/", method: "POST", agent: false });
  request.on("error", () => {});
  request.write("half");
  await begun;
  request.destroy();
  await closed;
  assert.deepEqual(events.sort(), ["aborted", "request closed false", "response closed false"]);
  assert.deepEqual(logged, []);
});

test("an error while a disconnect is reported to a handler is logged", { timeout: 20_000 }, async (t) => {
  const bug = new Error("not now");
  const { promise: closed, resolve: over } = deferred();
  const { promise: begun, resolve: arrived } = deferred();
  const { port, logged } = await handling(t, http1, (request, response) => {
    request.destroy = () => {
      throw bug;
    };
    response.on("close", over);
    arrived();
    return true;
  });
  const request = get({ port, path: "/", agent: false });
  request.on("error", () => {});
  await begun;
  request.destroy();
  await closed;
  assert.deepEqual(logged, [["httpHandler failed for GET /", bug]]);
});

test("a response sent before the body is read reaches a client that sends everything first", {
  timeout: 20_000,
}, async (t) => {
  const { send } = await handling(t, http1, (_, response) => {
    response.writeHead(413);
    response.end("too much");
    return true;
  });
  const piece = Buffer.alloc(1024 * 1024);
  const { status, body } = await send({ method: "POST", path: "/", body: Array(4).fill(piece) });
  assert.deepEqual([status, body], [413, "too much"]);
});

test("declared trailers are sent", { timeout: 20_000 }, async (t) => {
  for (const client of plainClients) {
    const { send } = await handling(t, client, (_, response) => {
      response.setHeader("trailer", "x-sum");
      response.write("a");
      response.addTrailers({ "x-sum": "1" });
      response.end();
      return true;
    });
    assert.equal((await send({ path: "/", headers: { te: "trailers" } })).trailers["x-sum"], "1", client.name);
  }
});

test("invalid headers and statuses are rejected where they are set", { timeout: 20_000 }, async (t) => {
  const { send, logged } = await handling(t, http1, (request, response) => {
    if (request.url === "/status") response.writeHead(99);
    if (request.url === "/name") response.setHeader("a b", "1");
    if (request.url === "/value") response.setHeader("a", "1\r\nb: 2");
    // Node's clients would hang, with all requests on their connection.
    if (request.url === "/size") response.writeHead(200, { "x-large": "a".repeat(200_000) });
    if (request.url === "/trailers") response.addTrailers({ "x-large": "a".repeat(200_000) });
    return true;
  });
  for (const path of ["/status", "/name", "/value", "/size", "/trailers"])
    assert.equal((await send({ path })).status, 500, path);
  assert.deepEqual(
    logged.map(([, error]) => (error as Error).name),
    ["RangeError", "TypeError", "TypeError", "RangeError", "RangeError"],
  );
});

test("the URL of a request is no pseudo-header over HTTP/1.1, and CONNECT reaches nobody", {
  timeout: 20_000,
}, async (t) => {
  const seen: unknown[] = [];
  const httpHandler: HttpHandler = ({ method, url, headers }, response) => {
    seen.push(method, url, headers);
    response.end();
    return true;
  };
  const { port } = await serve(t, { services: [], protocols: [{ name: "pages", register() {}, httpHandler }] });
  const answer = await exchangeHttp1(port, Buffer.from("GET http://b.example/a HTTP/1.1\r\nhost: a\r\n\r\n"));
  const connect = await exchangeHttp1(port, Buffer.from("CONNECT a.example:80 HTTP/1.1\r\nhost: a\r\n\r\n"));
  assert.deepEqual([answer.status, connect.status], [200, 501]);
  assert.deepEqual(seen, ["GET", "/a", Object.assign(Object.create(null), { host: "b.example" })]);
});

test("HTTP/1.0 is answered, and its connection closed", { timeout: 20_000 }, async (t) => {
  const { port } = await handling(t, http1, ({ httpVersion }, response) => {
    response.write("this is ");
    response.end(httpVersion);
    return true;
  });
  const request = { method: "GET", target: "/", headers: [], body: Buffer.alloc(0) };
  const { status, body } = await exchangeHttp1(port, http1Request(request as never, "1.0"));
  assert.deepEqual([status, String(body)], [200, "this is 1.0"]);
});

test("stop() waits for a request in flight; at the timeout it is answered 503", {
  timeout: 20_000,
}, async (t) => {
  const { promise: arrived, resolve: arrive } = deferred();
  let respond: (() => void) | undefined;
  let hasHung = false;
  const { server, send } = await handling(
    t,
    http1,
    (request, response) => {
      response.on("close", () => closed.push(`${request.url} ${response.writableFinished}`));
      if (request.url === "/slow") respond = () => response.end("finished");
      else hasHung = true;
      if (respond !== undefined && hasHung) arrive();
      return true;
    },
    { shutdown: { timeout: 300 } },
  );
  const closed: string[] = [];
  const slow = send({ path: "/slow" });
  const hung = send({ path: "/hung" });
  await arrived;
  const stopped = server.stop();
  respond?.();
  const { body, headers } = await slow;
  assert.deepEqual([body, headers["connection"]], ["finished", "close"]);
  await stopped;
  assert.equal((await hung).status, 503);
  assert.deepEqual(closed, ["/slow true", "/hung false"]);
});

test("a store that one handler enters is not seen by the next", { timeout: 20_000 }, async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const { send } = await handling(t, http1, (_, response) => {
    seen.push(storage.getStore());
    storage.enterWith("mine");
    response.end();
    return true;
  });
  await Promise.all(Array.from({ length: 10 }, () => send({ path: "/" })));
  assert.deepEqual(new Set(seen), new Set([undefined]));
});

// contract: R2, R4, R5
test("a protocol's RPCs are served, and it sees the files registered before it", { timeout: 20_000 }, async (t) => {
  const files: string[][] = [];
  const adds = (name: string): ProtocolRegistration => ({
    name,
    register(router, { registry }) {
      files.push(registry.map(({ name }) => name));
      router.service(EchoService, { echo: () => ({ text: name }) });
    },
  });
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", protocols: [adds("a")] });
  server.addProtocol(adds("b"));
  assert.ok(server.hasService(EchoService));
  await server.start();
  t.after(() => server.stop());
  const echo = createClient(
    EchoService,
    createConnectTransport({ baseUrl: `http://127.0.0.1:${server.address?.port}`, httpVersion: "1.1" }),
  );
  assert.equal((await echo.echo({})).text, "b");
  assert.deepEqual(files, [[], ["connectum/test/v1/echo"]]);
});
