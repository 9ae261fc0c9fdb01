// Plain HTTP requests that are not as they should be: what their clients hear, and what handlers may do about it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CreateServerOptions, FetchHandler, HttpHandler } from "@connectum/core";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { type PlainClient, plainClients } from "./support/plain-http.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { exchangeHttp1 } from "./support/raw-http1.ts";
import { serveFetch } from "./support/serve-fetch.ts";

failOnProcessFaults();

const [http1, http2] = plainClients as [PlainClient, PlainClient];
const TIMEOUT = { timeout: 20_000 };
const CHUNKED = "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";

/** Requests whose body cannot be read, and the status of the response. */
const broken: Record<string, [request: string, status: number, name: string]> = {
  "stops half-way": ["POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf", 408, "TimeoutError"],
  "stops in a chunk": [`${CHUNKED}9\r\nhalf`, 408, "TimeoutError"],
  "has a chunk without a size": [`${CHUNKED}4\r\nhalf\r\nnone\r\n`, 400, "DataError"],
  "has a chunk that is longer than its size": [`${CHUNKED}4\r\nhalf too much`, 400, "DataError"],
};

/** A server that waits 150 ms for a client. */
const impatient = (
  t: TestContext,
  fetch: FetchHandler | undefined,
  options: Partial<CreateServerOptions> = {},
): ReturnType<typeof serveFetch> =>
  serveFetch(t, http1, fetch as FetchHandler, { requestTimeout: 150, ...options } as Partial<CreateServerOptions>);

/** What an `httpHandler` that is an async function does. */
async function iterate(body: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of body);
}

for (const [what, [request, status, name]] of Object.entries(broken)) {
  // contract: FE-broken
  test(`a body that ${what} is a ${status}, and no line in the log`, TIMEOUT, async (t) => {
    const { port, logged } = await impatient(t, async (request) => new Response(await request.text()));
    const answer = await exchangeHttp1(port, Buffer.from(request));
    assert.deepEqual([answer.status, answer.end, logged], [status, "complete", []]);
  });

  // contract: FE-broken
  test(`of a body that ${what} a handler may say more`, TIMEOUT, async (t) => {
    const { port, logged } = await impatient(t, async ({ body, signal }) => {
      const read: string[] = [];
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) read.push(String(Buffer.from(chunk)));
      } catch (error) {
        read.push((error as Error).name, String(signal.aborted));
      }
      return new Response(read.join(", "), { status: 422 });
    });
    const answer = await exchangeHttp1(port, Buffer.from(request));
    const said = String(answer.body).replace(/^half(?: too| t| too much)?(?=,)/, "half");
    assert.deepEqual([answer.status, said, logged], [422, `half, ${name}, false`, []]);
  });

  // contract: FE-broken
  test(
    `an httpHandler sees a client that has gone when a body ${what}, and the client a ${status}`,
    TIMEOUT,
    async (t) => {
      const events: string[] = [];
      const httpHandler: HttpHandler = (request, response) => {
        // The type has no such handlers, and JavaScript has.
        if (request.url === "/iterates") return iterate(request) as unknown as boolean;
        request.on("aborted", () => events.push("aborted")).on("error", (error) => events.push(error.message));
        request.on("data", () => {}).on("end", () => response.end("all"));
        response.on("close", () => events.push("closed"));
        return true;
      };
      const protocols = [{ name: "pages", register() {}, httpHandler }];
      const { port, logged } = await impatient(t, () => new Response(), { protocols });
      const answer = await exchangeHttp1(port, Buffer.from(request));
      assert.deepEqual([answer.status, answer.end, logged], [status, "complete", []]);
      await eventually(() => events.length === 3, "the handler hears of it");
      assert.deepEqual(events.sort(), ["aborted", "aborted", "closed"]);
      const iterated = await exchangeHttp1(port, Buffer.from(request.replace("/a ", "/iterates ")));
      assert.deepEqual([iterated.status, logged], [status, []]);
    },
  );
}

// contract: FE-failure
test("a bug of a handler is in the log although its body is broken", TIMEOUT, async (t) => {
  const { port, logged } = await impatient(t, async (request) => {
    await request.text().catch(() => {});
    throw new Error("a bug");
  });
  const answer = await exchangeHttp1(port, Buffer.from(`${CHUNKED}none\r\n`));
  assert.deepEqual([answer.status, logged.map(([, error]) => String(error))], [400, ["Error: a bug"]]);
});

// contract: FE-broken
test("uploads beyond maxConnectionBytes are a 503, and in the log", TIMEOUT, async (t) => {
  const { url, logged } = await serveFetch(
    t,
    http2,
    async ({ body }) => {
      for await (const _ of body as AsyncIterable<Uint8Array>) await sleep(50);
      return new Response("all");
    },
    { maxConnectionBytes: 300_000 },
  );
  const session = connectHttp2(url, { maxSessionMemory: 100 });
  t.after(() => session.destroy());
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const stream = session.request({ ":method": "POST", ":path": "/" });
      stream.on("error", () => {});
      stream.end(Buffer.alloc(400 * 1024));
      const [headers] = await once(stream, "response");
      stream.resume();
      return headers[":status"];
    }),
  );
  const refused = statuses.filter((status) => status === 503).length;
  assert.ok(refused > 0, String(statuses));
  const errors = logged.map(([what, error]) => `${what}: ${(error as Error).name}`);
  assert.ok(errors.length > 0 && errors.length <= refused, String(errors));
  assert.deepEqual(new Set(errors), new Set(["fetch failed for POST /: OperationError"]));
});

/** Everything that comes back, and how the connection ends: `end`, or the code of an error. */
async function conversation(socket: Socket): Promise<{ received: string; end: string }> {
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  const end = await new Promise<string>((resolve) => {
    socket.once("end", () => resolve("end"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
  socket.destroy();
  return { received, end };
}

// contract: FE-cut
test("a body that fails half-way resets a connection of HTTP/1.0, where its end is the body's", TIMEOUT, async (t) => {
  const { promise: mayFail, resolve: fail } = deferred();
  const { port } = await serveFetch(t, http1, ({ url }) => {
    const ends = url.endsWith("/ends");
    const start = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(Buffer.from("half"));
      await mayFail;
      if (ends) controller.close();
      else controller.error(new Error("no more"));
    };
    return new Response(new ReadableStream({ start }));
  });
  for (const [path, expected] of [
    ["/fails", "ECONNRESET"],
    ["/ends", "end"],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
    const ended = conversation(socket);
    await once(socket, "data");
    fail();
    const { received, end } = await ended;
    assert.match(received, /^HTTP\/1\.0 200 OK\r\n/, path);
    assert.equal(end, expected, path);
  }
});

// contract: FE-continue
test("100 Continue is sent when a handler reads, not before", TIMEOUT, async (t) => {
  const { port } = await serveFetch(t, http1, async (request) => {
    if (request.url.endsWith("/no")) return new Response("too large", { status: 413 });
    if (request.url.endsWith("/yes")) return new Response(await request.text());
    const start = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(Buffer.from("begun, "));
      await sleep(50);
      controller.enqueue(Buffer.from(await request.text()));
      controller.close();
    };
    return new Response(new ReadableStream({ start }));
  });
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n`;
  const refused = connect(port, "127.0.0.1");
  refused.write(head("/no"));
  assert.match((await conversation(refused)).received, /^HTTP\/1\.1 413 /);
  const accepted = connect(port, "127.0.0.1");
  accepted.write(head("/yes"));
  const [first] = await once(accepted, "data");
  assert.equal(String(first), "HTTP/1.1 100 Continue\r\n\r\n");
  accepted.write("text");
  const [second] = await once(accepted, "data");
  assert.match(String(second), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\ntext$/);
  accepted.destroy();
  // The head of a response would be too late for it.
  const streamed = connect(port, "127.0.0.1");
  streamed.write(head("/later").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  streamed.write("text");
  const { received } = await conversation(streamed);
  assert.match(
    received,
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*begun, [\s\S]*text\r\n0\r\n\r\n$/,
  );
});

// contract: FE-unread
test("bodies that were cancelled hold nothing of their connection while the responses wait", TIMEOUT, async (t) => {
  const { promise: mayRespond, resolve: respond } = deferred();
  const { url } = await serveFetch(t, http2, async (request) => {
    if (request.url.endsWith("/read")) return new Response(await request.text());
    await request.body?.cancel();
    await mayRespond;
    return new Response("cancelled");
  });
  // Node's client holds at most 10 MB of a connection by default, and resets its streams itself.
  const session = connectHttp2(url, { maxSessionMemory: 100 });
  t.after(() => session.destroy());
  const uploads = Array.from({ length: 90 }, () => {
    const stream = session.request({ ":method": "POST", ":path": "/" });
    stream.on("error", () => {});
    stream.end(Buffer.alloc(300 * 1024));
    return stream;
  });
  await Promise.all(uploads.map((stream) => once(stream, "ready")));
  // Until they have sent all that their windows allow; what is held of it, the connection's window lacks.
  await sleep(500);
  const upload = session.request({ ":method": "POST", ":path": "/read" });
  upload.end("read");
  assert.equal(String(await upload.toArray().then(Buffer.concat)), "read");
  respond();
  const statuses = await Promise.all(uploads.map(async (stream) => (await once(stream, "response"))[0][":status"]));
  assert.deepEqual(new Set(statuses), new Set([200]));
});
