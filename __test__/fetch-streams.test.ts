// The option fetch: bodies that are streamed in both directions, and exchanges that end before they are complete.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { get, type IncomingMessage, request as requestHttp1 } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import * as https from "node:https";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "./support/collect-garbage.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { type PlainClient, plainClients } from "./support/plain-http.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { exchangeHttp1, http1Request } from "./support/raw-http1.ts";
import { exchangeHttp2 } from "./support/raw-http2.ts";
import { serveFetch } from "./support/serve-fetch.ts";

failOnProcessFaults();

const [http1, http2] = plainClients as [PlainClient, PlainClient];
const TIMEOUT = { timeout: 30_000 };
const MIB = 1024 * 1024;

for (const client of plainClients) {
  const { name, secure } = client;

  // contract: FE-streams
  test(`${name}: a body of 8 MiB is streamed in both directions at once`, TIMEOUT, async (t) => {
    const { send } = await serveFetch(t, client, (request) => new Response(request.body));
    const piece = Buffer.alloc(512 * 1024, "0123456789abcdef");
    const { body } = await send({ method: "POST", path: "/echo", body: Array(16).fill(piece) });
    assert.ok(Buffer.from(body).equals(Buffer.concat(Array(16).fill(piece))));
  });

  // contract: FE-upload
  test(`${name}: a form with a file of 20 MiB is parsed by formData()`, TIMEOUT, async (t) => {
    const file = randomBytes(20 * MIB);
    const { send } = await serveFetch(t, client, async (request) => {
      const form = await request.formData();
      const uploaded = form.get("file") as unknown as {
        name: string;
        type: string;
        arrayBuffer(): Promise<ArrayBuffer>;
      };
      const bytes = new Uint8Array(await uploaded.arrayBuffer());
      return Response.json([form.get("title"), uploaded.name, uploaded.type, bytes.byteLength, digest(bytes)]);
    });
    const parts = [
      '--edge\r\ncontent-disposition: form-data; name="title"\r\n\r\nA title\r\n',
      '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\ncontent-type: application/x-a\r\n\r\n',
    ];
    const headers = { "content-type": "multipart/form-data; boundary=edge" };
    const body = [...parts.map((part) => Buffer.from(part)), file, Buffer.from("\r\n--edge--\r\n")];
    const answer = await send({ method: "POST", path: "/", headers, body });
    assert.deepEqual(JSON.parse(answer.body), ["A title", "a.bin", "application/x-a", file.length, digest(file)]);
  });

  // contract: FE-cut
  test(`${name}: a body that fails half-way is cut, so that no client takes it for complete`, TIMEOUT, async (t) => {
    const bugs: Record<string, unknown> = { "/error": new Error("no more"), "/text": "a text", "/long": "more" };
    let aborted: unknown;
    const { send, logged } = await serveFetch(t, client, ({ url, signal }) => {
      const { pathname } = new URL(url);
      signal.addEventListener("abort", () => {
        aborted = signal.reason;
      });
      const body = new ReadableStream<unknown>({
        async start(controller) {
          controller.enqueue(Buffer.from("half"));
          await sleep(20); // After the first half was sent.
          if (pathname === "/error") controller.error(bugs[pathname]);
          else if (pathname === "/text") controller.enqueue(bugs[pathname]);
          else controller.enqueue(Buffer.from("more"));
        },
      });
      return new Response(
        body as ReadableStream<Uint8Array>,
        pathname === "/long" ? { headers: { "content-length": "6" } } : {},
      );
    });
    for (const path of Object.keys(bugs)) {
      aborted = undefined;
      await assert.rejects(send({ path }), /aborted|ECONNRESET|INTERNAL_ERROR/, path);
      assert.equal((aborted as Error | undefined)?.name, "AbortError", path);
    }
    assert.deepEqual(
      logged.map(([message, error]) => `${message}: ${error}`),
      [
        "fetch failed for GET /error: Error: no more",
        "fetch failed for GET /text: TypeError: a chunk of the body of the Response must be a Uint8Array, not a string. " +
          "Use new TextEncoder(), or a TextEncoderStream",
        "fetch failed for GET /long: RangeError: the header content-length of the Response is 6, and its body has more",
      ],
    );
  });

  // contract: FE-abort
  test(`${name}: signal, body and response end when the client leaves`, TIMEOUT, async (t) => {
    const events: string[] = [];
    const { promise: begun, resolve: arrived } = deferred();
    const { port, logged } = await serveFetch(t, client, (request) => {
      const { signal } = request;
      signal.addEventListener("abort", () => events.push(`signal: ${(signal.reason as Error).name}`));
      request.text().catch((error) => events.push(`body: ${error.name}`));
      const cancel = (reason: Error) => void events.push(`response: ${reason.name}`);
      return new Response(new ReadableStream({ start: () => arrived(), cancel }));
    });
    const leave = startUpload(port, client);
    await begun;
    leave();
    await eventually(() => events.length === 3, "all three end");
    assert.deepEqual(events.sort(), ["body: AbortError", "response: AbortError", "signal: AbortError"]);
    assert.deepEqual(logged, []);
    assert.ok(secure !== undefined);
  });
}

for (const client of [http1, http2]) {
  const { name } = client;

  // contract: FE-sse
  test(`${name}: events arrive as they are made, behind headers that do not wait for them`, TIMEOUT, async (t) => {
    const sources: ReadableStreamDefaultController<Uint8Array>[] = [];
    const gone: unknown[] = [];
    const { port } = await serveFetch(t, client, () => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => void sources.push(controller),
        cancel: (reason) => void gone.push(reason),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    const { chunks, hasHead, leave } = startReading(port, client);
    await eventually(hasHead, "the headers arrive");
    for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
      sources[0]?.enqueue(Buffer.from(text));
      await eventually(() => chunks.join("").endsWith(text), "the event arrives");
    }
    leave();
    await eventually(() => gone.length === 1, "the source is cancelled");
    assert.equal((gone[0] as Error).name, "AbortError");
  });
}

// contract: FE-response-pressure
test("a client that does not read stops the stream that the handler returned", TIMEOUT, async (t) => {
  const piece = new Uint8Array(64 * 1024);
  let pulled = 0;
  const { port } = await serveFetch(t, http1, () => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulled += 1;
      controller.enqueue(piece.slice());
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  });
  const request = get({ port, path: "/", agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.pause();
  let before = -1;
  while (pulled !== before) {
    before = pulled;
    await sleep(300); // Long enough for anything on loopback that is still under way.
  }
  // The kernel's buffers for a loopback connection, and a few chunks in our own.
  assert.ok(pulled > 0 && pulled * piece.length < 16 * MIB, `${pulled} chunks`);
  response.resume();
  await eventually(() => pulled > before, "the stream goes on");
  request.destroy();
});

// contract: FE-request-pressure
test("a handler that does not read stops the client", TIMEOUT, async (t) => {
  const { promise: mayRead, resolve: read } = deferred();
  const { port } = await serveFetch(t, http1, async (request) => {
    await mayRead;
    let size = 0;
    for await (const chunk of request.body as AsyncIterable<Uint8Array>) size += chunk.byteLength;
    return new Response(String(size));
  });
  const request = requestHttp1({ port, path: "/", method: "POST", agent: false });
  const piece = Buffer.alloc(64 * 1024);
  const total = 1024;
  let written = 0;
  const writeOn = () => {
    while (written < total && !request.writableNeedDrain) {
      request.write(piece);
      written += 1;
    }
    if (written === total) request.end();
    else request.once("drain", writeOn);
  };
  writeOn();
  let before = -1;
  while (written !== before) {
    before = written;
    await sleep(300); // As above.
  }
  assert.ok(written * piece.length < 16 * MIB, `${written} chunks`);
  read();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  assert.equal(String(await response.toArray().then(Buffer.concat)), String(total * piece.length));
});

test("a text of 40 MiB that is there at once is sent as fast as the client reads", TIMEOUT, async (t) => {
  const bytes = randomBytes(40 * MIB);
  const { port } = await serveFetch(t, http1, () => new Response(bytes), {
    maxConnectionBytes: 2 * MIB,
    maxBufferedBytes: 8 * MIB,
  });
  const [response] = (await once(get({ port, path: "/", agent: false }), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  assert.equal(digest(Buffer.concat(chunks)), digest(bytes));
});

// contract: FE-unread
test("a body that the handler does not read holds neither the connection nor memory", TIMEOUT, async (t) => {
  const { port, send, logged } = await serveFetch(t, http1, (request) => {
    if (request.url.endsWith("/cancel")) void request.body?.cancel();
    return new Response("too much", { status: 413 });
  });
  const piece = Buffer.alloc(MIB);
  for (const path of ["/", "/cancel"]) {
    const { status, body } = await send({ method: "POST", path, body: Array(4).fill(piece) });
    assert.deepEqual([status, body], [413, "too much"], path);
    const over2 = await http2.send(port, { method: "POST", path, body: [piece] });
    assert.equal(over2.status, 413, path);
  }
  // On one connection: what was not read is not taken for the next request.
  const post = {
    method: "POST",
    target: "/",
    headers: [["host", "a"]],
    body: Buffer.from("GET /x HTTP/1.1\r\n\r\n"),
  } as const;
  const last = http1Request({
    ...post,
    headers: [
      ["host", "a"],
      ["connection", "close"],
    ],
  });
  const socket = connect(port, "127.0.0.1");
  socket.write(Buffer.concat([http1Request(post), http1Request(post), last]));
  const received = String(await socket.toArray().then(Buffer.concat));
  assert.equal(received.match(/HTTP\/1\.1 413/g)?.length, 3);
  assert.deepEqual(logged, []);
});

test("a body can be read into memory of the reader, as text, or by a clone", TIMEOUT, async (t) => {
  const { send } = await serveFetch(t, http1, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/clone") {
      const copy = request.clone();
      return new Response(`${await copy.text()} ${await request.text()}`);
    }
    const reader = request.body?.getReader({ mode: "byob" }) ?? assert.fail("it has a body");
    let read = "";
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(3));
      if (done) return new Response(read);
      read += `[${Buffer.from(value)}]`;
    }
  });
  const body = [Buffer.from("abcd")];
  assert.equal((await send({ path: "/byob", method: "POST", body })).body, "[abc][d]");
  assert.equal((await send({ path: "/clone", method: "POST", body })).body, "abcd abcd");
});

test("the signal does not abort after a complete response, and the rest of the request fails", TIMEOUT, async (t) => {
  const { promise: rest, reject: failed } = deferred<string>();
  rest.catch(() => {});
  let signal: AbortSignal | undefined;
  const { port } = await serveFetch(t, http2, (request) => {
    ({ signal } = request);
    request.text().then(undefined, failed);
    return new Response("early");
  });
  const leave = startUpload(port, http2);
  await assert.rejects(rest, { name: "AbortError", message: "the response is complete" });
  leave();
  await sleep(50); // A client that has left is noticed within milliseconds.
  assert.equal(signal?.aborted, false);
});

// contract: FE-abort
test("a signal aborts even if nothing else of its request is alive", TIMEOUT, async (t) => {
  const signals: AbortSignal[] = [];
  const { port } = await serveFetch(t, http1, ({ signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  const request = get({ port, path: "/", agent: false });
  request.on("error", () => {});
  await eventually(() => signals.length === 1, "the request arrives");
  for (let round = 0; round < 5; round += 1) {
    await sleep(10); // Finalizers run between turns.
    collectGarbage();
  }
  request.destroy();
  await eventually(() => signals[0]?.aborted === true, "the signal aborts");
});

test("copies of a request have signals that abort, too", TIMEOUT, async (t) => {
  const copies: Request[] = [];
  const { port } = await serveFetch(t, http1, (request) => {
    copies.push(request.clone(), new Request(request), new Request("http://a.example", request));
    return new Promise(() => {});
  });
  const request = get({ port, path: "/", agent: false });
  request.on("error", () => {});
  await eventually(() => copies.length === 3, "the request arrives");
  request.destroy();
  await eventually(() => copies.every(({ signal }) => signal.aborted), "the signals abort");
  assert.deepEqual(new Set(copies.map(({ signal }) => (signal.reason as Error).name)), new Set(["AbortError"]));
});

test("a handler that rejects because its client has gone is not in the log; a bug is", TIMEOUT, async (t) => {
  const { promise: begun, resolve: arrived } = deferred();
  const bug = new Error("a bug");
  const { port, logged } = await serveFetch(t, http1, async (request) => {
    arrived();
    await request.text().catch((error) => {
      throw request.url.endsWith("/bug") ? bug : error;
    });
    return new Response("never");
  });
  for (const path of ["/", "/bug"]) {
    const request = requestHttp1({ port, path, method: "POST", agent: false });
    request.on("error", () => {});
    request.write("half");
    await begun;
    await sleep(20); // For the second one; the first is awaited above.
    request.destroy();
  }
  await eventually(() => logged.length === 1, "the bug is logged");
  assert.deepEqual(logged, [["fetch failed for POST /bug", bug]]);
});

test("a response that comes after its client has gone is cancelled", TIMEOUT, async (t) => {
  const cancelled: unknown[] = [];
  const { port, logged } = await serveFetch(t, http1, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return new Response(new ReadableStream({ cancel: (reason) => void cancelled.push(reason) }));
  });
  const request = get({ port, path: "/", agent: false });
  request.on("error", () => {});
  await once(request, "socket").then(([socket]) => once(socket, "ready"));
  await sleep(50); // Until the handler has the request.
  request.destroy();
  await eventually(() => cancelled.length === 1, "the body is cancelled");
  assert.deepEqual([(cancelled[0] as Error).name, logged], ["AbortError", []]);
});

// contract: FE-drain
test("stop() waits for a handler; at the timeout its client gets a 503, and its signal aborts", TIMEOUT, async (t) => {
  const aborted: string[] = [];
  const { promise: arrived, resolve: arrive } = deferred();
  const { promise: mayRespond, resolve: respond } = deferred();
  let count = 0;
  const { server, send, port } = await serveFetch(
    t,
    http1,
    async ({ url, signal }) => {
      const { pathname } = new URL(url);
      signal.addEventListener("abort", () => aborted.push(pathname));
      count += 1;
      if (count === 3) arrive();
      if (pathname === "/stream") return new Response(new ReadableStream());
      if (pathname === "/slow") await mayRespond;
      else await new Promise(() => {});
      return new Response("finished");
    },
    { shutdown: { timeout: 300 } },
  );
  const slow = send({ path: "/slow" });
  const hung = send({ path: "/hung" });
  const streamed = exchangeHttp1(port, http1Request({ method: "GET", target: "/stream", headers: [["host", "a"]] }));
  await arrived;
  const stopped = server.stop();
  respond();
  const { body, headers } = await slow;
  assert.deepEqual([body, headers["connection"]], ["finished", "close"]);
  await stopped;
  assert.equal((await hung).status, 503);
  const { status, end } = await streamed;
  assert.deepEqual([status, end], [200, "closed"]);
  assert.deepEqual(aborted.sort(), ["/hung", "/stream"]);
});

// contract: FE-drain
test(
  "signals of responses that stream abort at shutdown.streamGracePeriod, and may end in order",
  TIMEOUT,
  async (t) => {
    const seen: string[] = [];
    const { promise: mayRespond, resolve: respond } = deferred();
    let arrived = 0;
    const { server, send } = await serveFetch(
      t,
      http1,
      async ({ url, signal }) => {
        arrived += 1;
        const { pathname } = new URL(url);
        const aborted = once(signal, "abort").then(() => seen.push(`${pathname}: ${(signal.reason as Error).message}`));
        if (pathname !== "/stream") await mayRespond;
        if (pathname === "/slow") return new Response("finished");
        const start = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
          controller.enqueue(Buffer.from("begun, "));
          await aborted;
          controller.enqueue(Buffer.from("ended"));
          controller.close();
        };
        return new Response(new ReadableStream({ start }));
      },
      { shutdown: { timeout: 5_000, streamGracePeriod: 100 } },
    );
    const slow = send({ path: "/slow" });
    const late = send({ path: "/late" });
    const streamed = send({ path: "/stream" });
    await eventually(() => arrived === 3, "all have arrived");
    const begin = performance.now();
    const stopped = server.stop();
    assert.equal((await streamed).body, "begun, ended");
    assert.ok(performance.now() - begin > 90);
    respond();
    assert.equal((await slow).body, "finished");
    assert.equal((await late).body, "begun, ended");
    await stopped;
    assert.deepEqual(seen, ["/stream: the server is shutting down", "/late: the server is shutting down"]);
  },
);

test("a hundred handlers that never respond delay nobody", TIMEOUT, async (t) => {
  const { port, send } = await serveFetch(t, http2, ({ url }) =>
    url.endsWith("/hang") ? new Promise<Response>(() => {}) : new Response("here"),
  );
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  for (let index = 0; index < 100; index += 1) session.request({ ":path": "/hang" }).on("error", () => {});
  assert.equal((await send({ path: "/" })).body, "here");
  assert.equal((await exchangeHttp2(port, { method: "GET", target: "/", headers: [] })).status, 200);
});

/** Sends half of a request; returns a function with which the client leaves. */
function startUpload(port: number, { httpVersion, secure }: PlainClient): () => void {
  if (httpVersion === "2.0") {
    const session = connectHttp2(`${secure ? "https" : "http"}://localhost:${port}`, { rejectUnauthorized: false });
    const stream = session.request({ ":method": "POST", ":path": "/" }, { endStream: false });
    stream.on("error", () => {});
    stream.write("half");
    return () => session.destroy();
  }
  const { request } = secure ? https : { request: requestHttp1 };
  const sent = request({ host: "localhost", port, path: "/", method: "POST", agent: false, rejectUnauthorized: false });
  sent.on("error", () => {});
  sent.write("half");
  return () => sent.destroy();
}

/** Reads the response to a GET, until `leave` is called. */
function startReading(port: number, { httpVersion }: PlainClient) {
  const chunks: string[] = [];
  let hasHead = false;
  const see = (stream: NodeJS.ReadableStream) => {
    stream.on("error", () => {}).on("data", (chunk) => void chunks.push(String(chunk)));
  };
  if (httpVersion === "2.0") {
    const session = connectHttp2(`http://localhost:${port}`);
    const stream = session.request({ ":path": "/events" });
    stream.on("response", () => {
      hasHead = true;
    });
    see(stream);
    return { chunks, hasHead: () => hasHead, leave: () => session.destroy() };
  }
  const request = get({ port, path: "/events", agent: false }, (response) => {
    hasHead = true;
    see(response);
  });
  request.on("error", () => {});
  return { chunks, hasHead: () => hasHead, leave: () => request.destroy() };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
