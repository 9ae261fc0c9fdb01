// Rust while the JavaScript thread is busy: it answers requests that need no handler, and drops calls that are reset.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { ProtocolRegistration } from "@connectum/core";
import { EchoRequestSchema } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { envelope } from "./support/envelope.ts";
import { SERVICE } from "./support/grpc-session.ts";
import { serveEcho } from "./support/serve-echo.ts";

const BUSY_MS = 2_000;
const MESSAGE = envelope(Buffer.alloc(0));

const grpc = { "content-type": "application/grpc", te: "trailers" };
const connect = { "content-type": "application/json" };
const JSON_MESSAGE = Buffer.from("{}");

/** Requests that never get to a handler, and their HTTP status and gRPC status. */
const needNoHandler: Record<string, [object, number, string | undefined]> = {
  "a path that is not there": [{ path: "/a.B/C", headers: connect, body: JSON_MESSAGE }, 404, undefined],
  "a gRPC method that is not there": [{ path: "/a.B/C", headers: grpc, body: MESSAGE }, 200, "12"],
  "a content type that nobody speaks": [
    { path: `${SERVICE}/Echo`, headers: { "content-type": "text/xml" }, body: JSON_MESSAGE },
    415,
    undefined,
  ],
  "an encoding that nobody knows": [
    { path: `${SERVICE}/Echo`, headers: { ...grpc, "grpc-encoding": "rot13" }, body: MESSAGE },
    200,
    "12",
  ],
  "an invalid timeout": [
    { path: `${SERVICE}/Echo`, headers: { ...grpc, "grpc-timeout": "soon" }, body: MESSAGE },
    200,
    "3",
  ],
  "a message over the limit": [
    { path: `${SERVICE}/Echo`, headers: grpc, body: envelope(Buffer.alloc(0), 0, 0x7fff_ffff) },
    200,
    "8",
  ],
  "no message": [{ path: `${SERVICE}/Echo`, headers: grpc, body: Buffer.alloc(0) }, 200, "12"],
  "an invalid envelope": [{ path: `${SERVICE}/Echo`, headers: grpc, body: Buffer.from([64, 0, 0, 0, 0]) }, 200, "3"],
};

interface Answer {
  head: Record<string, string | number>;
  trailers: Record<string, string>;
  ms: number;
}

test("requests that need no handler are answered while JavaScript is busy", { timeout: 20_000 }, async (t) => {
  const { port } = await serveEcho(t, { echo: () => ({}) });
  const cases = Object.entries(needNoHandler);
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests: cases.map(([, [request]]) => request) },
  });
  await once(worker, "message");
  worker.postMessage("go");
  blockEventLoop(BUSY_MS);
  const [answers]: Answer[][] = await once(worker, "message");
  for (const [at, [what, [, status, grpcStatus]]] of cases.entries()) {
    const { head, trailers, ms } = answers?.[at] ?? assert.fail();
    assert.equal(head[":status"], status, what);
    assert.equal(trailers["grpc-status"] ?? head["grpc-status"], grpcStatus, what);
    assert.ok(ms < BUSY_MS / 2, `${what}: answered after ${Math.round(ms)} ms`);
  }
});

test("concurrent calls that are larger than a batch together are all answered, and so are later ones", {
  timeout: 30_000,
}, async (t) => {
  // More calls than one turn starts, and more bytes in one turn than a batch holds.
  const [calls, bytes] = [300, 2_000];
  const { port } = await serveEcho(t, { echo: ({ payload }) => ({ index: payload.byteLength }) });
  const body = toJsonString(EchoRequestSchema, create(EchoRequestSchema, { payload: new Uint8Array(bytes) }));
  const request = { path: `${SERVICE}/Echo`, headers: connect, body: Buffer.from(body) };
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests: Array.from({ length: calls }, () => request) },
  });
  await once(worker, "message");
  worker.postMessage("go");
  blockEventLoop(BUSY_MS / 2);
  const [answers] = await once(worker, "message");
  assert.deepEqual(new Set(answers.map(({ text }: { text: string }) => text)), new Set([`{"index":${bytes}}`]));
  assert.equal(answers.length, calls);
});

test("5,000 calls that are reset while JavaScript is busy reach no handler, and release their places", {
  timeout: 30_000,
}, async (t) => {
  const seen: string[] = [];
  const { port, url } = await serveEcho(
    t,
    {
      echo({ text }) {
        seen.push(text);
        return { text };
      },
    },
    { maxQueuedCalls: 5_000 },
  );
  const worker = new Worker(new URL("support/reset-worker.mjs", import.meta.url), {
    workerData: { port, path: `${SERVICE}/Echo`, connections: 10, calls: 500 },
  });
  t.after(() => worker.terminate());
  await once(worker, "message");
  const done = once(worker, "message");
  worker.postMessage("go");
  // Long enough for all calls to begin and end: messages of the worker are only handled afterwards.
  blockEventLoop(4_000);
  const [{ waited, ms }] = await done;
  assert.equal(waited, 5_000, "all of them waited");
  assert.ok(ms < 4_000, `all came and went while JavaScript was busy: ${Math.round(ms)} ms`);
  const response = await fetch(`${url}${SERVICE}/Echo`, { method: "POST", headers: connect, body: '{"text":"next"}' });
  assert.deepEqual(await response.json(), { text: "next" });
  await sleep(100); // Long enough for one of them to come, if it did.
  assert.deepEqual(seen, ["next"]);
});

/** Requests that are too large for all of them to fit into one batch: the path, the body, and interceptors. */
const LONG = "x".repeat(10_000);
const PAYLOAD = envelope(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: LONG })));
const tooManyForABatch: Record<string, [path: string, body: Uint8Array, interceptors?: Interceptor[]]> = {
  "unary calls": [`${SERVICE}/Echo`, PAYLOAD],
  "unary calls, with interceptors,": [`${SERVICE}/Echo`, PAYLOAD, [(next) => next]],
  "client streams": [`${SERVICE}/EchoClientStream?${LONG}`, MESSAGE],
  "plain HTTP requests": [`/plain?${LONG}`, MESSAGE],
};

for (const [what, [path, body, interceptors = []]] of Object.entries(tooManyForABatch)) {
  test(`${what} that are reset between two batches of one turn reach no handler`, { timeout: 30_000 }, async (t) => {
    const steps = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const seen: unknown[] = [];
    const handle = (request: unknown) => {
      seen.push(request);
      if (seen.length > 1) return;
      // All others are reset meanwhile: those of this batch, and those that did not fit into it.
      Atomics.store(steps, 0, 2);
      Atomics.notify(steps, 0);
      assert.notEqual(Atomics.wait(steps, 0, 2, 10_000), "timed-out");
      blockEventLoop(200); // The server's threads drop a call a moment after they have seen its reset.
    };
    const httpHandler: ProtocolRegistration["httpHandler"] = (request, response) => {
      handle(request);
      response.end();
      return true;
    };
    const { port } = await serveEcho(
      t,
      {
        echo(request) {
          handle(request);
          return {};
        },
        async echoClientStream(requests) {
          handle(requests);
          return {};
        },
      },
      { interceptors, protocols: [{ name: "plain", register() {}, httpHandler }] },
    );
    const worker = new Worker(new URL("support/reset-worker.mjs", import.meta.url), {
      workerData: { port, path, connections: 1, calls: 60, body, steps },
    });
    t.after(() => worker.terminate());
    await once(worker, "message");
    const done = once(worker, "message");
    worker.postMessage("go");
    // All of them wait, so that one turn takes them all.
    assert.notEqual(Atomics.wait(steps, 0, 0, 10_000), "timed-out");
    await done;
    await sleep(100); // Long enough for one of them to come, if it did.
    assert.equal(seen.length, 1, `${seen.length} handlers ran, the last one for ${inspect(seen.at(-1), { depth: 0 })}`);
  });
}
