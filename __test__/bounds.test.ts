// Bounds on queued calls and buffered bytes: a call beyond them is rejected at once.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type IncomingHttpHeaders, type Settings } from "node:http2";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { echoRequest } from "./support/echo-request.ts";
import { openCall, SERVICE } from "./support/grpc-session.ts";
import { startProgram } from "./support/program.ts";
import { serveEcho } from "./support/serve-echo.ts";

const KIB = 1024;
const RESOURCE_EXHAUSTED = "8";
const UNAVAILABLE = "14";

interface Answer {
  head: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders;
  ms: number;
}

const statusOf = ({ head, trailers }: Pick<Answer, "head" | "trailers">) =>
  trailers["grpc-status"] ?? head["grpc-status"];

test("beyond maxQueuedCalls a call is unavailable, while JavaScript is busy", { timeout: 20_000 }, async (t) => {
  const served: string[] = [];
  const { port } = await serveEcho(
    t,
    {
      echo({ text }) {
        served.push(text);
        return { text };
      },
    },
    { maxQueuedCalls: 10 },
  );
  // The second burst shows that answered and rejected calls have all released their places.
  for (const time of ["first", "second"]) {
    const answers = await callWhileBusy(port, 50);
    const refused = answers.filter((answer) => statusOf(answer) === UNAVAILABLE);
    assert.equal(refused.length, 40, `${time} time`);
    assert.ok(Math.max(...refused.map(({ ms }) => ms)) < 1_000, "they were refused at once");
    assert.equal(answers.filter((answer) => statusOf(answer) === "0").length, 10);
    assert.equal(served.splice(0).length, 10);
  }
});

/** Makes `calls` unary calls at once while JavaScript is busy for 1.5 seconds. */
async function callWhileBusy(port: number, calls: number): Promise<Answer[]> {
  const request = {
    path: `${SERVICE}/Echo`,
    headers: { "content-type": "application/grpc", te: "trailers" },
    body: new Uint8Array(5),
  };
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests: Array.from({ length: calls }, () => request) },
  });
  await once(worker, "message");
  worker.postMessage("go");
  blockEventLoop(1_500);
  const [answers]: Answer[][] = await once(worker, "message");
  return answers ?? assert.fail("the worker posts its answers");
}

test("beyond maxBufferedBytes a call is unavailable, and the reserved bytes are released afterwards", {
  timeout: 30_000,
}, async (t) => {
  const { url } = await serveEcho(
    t,
    { echo: ({ payload }) => ({ text: `${payload.length}` }) },
    { maxBufferedBytes: 2048 * KIB },
  );
  const large = echoRequest({ payload: new Uint8Array(1536 * KIB) });

  // Incomplete messages count, too: two of them leave no space for a third.
  const halves = [1, 2].map(() => {
    const session = connect(url);
    t.after(() => session.destroy());
    const stream = openCall(session, "Echo");
    stream.write(large.subarray(0, 900 * KIB));
    return stream;
  });
  await sleep(300); // For the halves to arrive.
  const other = connect(url);
  t.after(() => other.destroy());
  assert.equal(await statusWith(openCall(other, "Echo"), large), UNAVAILABLE);
  assert.equal(
    await statusWith(openCall(other, "Echo"), echoRequest({ payload: new Uint8Array(4 * KIB) })),
    "0",
    "a small one still fits",
  );

  for (const half of halves) half.close();
  await sleep(300); // For the resets to arrive.
  for (let again = 0; again < 20; again += 1) {
    assert.equal(await statusWith(openCall(other, "Echo"), large), "0", "all was given back");
  }
});

test("a message that is larger than the heap of V8 does not end the process, wherever readMaxBytes allows it", {
  timeout: 60_000,
}, async (t) => {
  const program = startProgram(t, "huge-messages", [], { NODE_OPTIONS: "--max-old-space-size=64" });
  const port = (await program.line(/^running/)).split(" ")[1];
  // Not even a valid message: a field with the number zero.
  const zeros = Buffer.alloc(256 * 1024 * KIB);
  for (const attempt of ["the first", "another"]) {
    const response = await fetch(`http://127.0.0.1:${port}${SERVICE}/Echo`, {
      method: "POST",
      headers: { "content-type": "application/proto", "content-encoding": "gzip" },
      body: gzipSync(zeros),
    });
    assert.equal(response.status, 400, attempt);
    assert.equal(((await response.json()) as { code: string }).code, "invalid_argument", attempt);
  }
});

for (const compression of [undefined, "gzip"]) {
  test(`responses that the client does not read count, and leave room for others, compression ${compression}`, {
    timeout: 30_000,
  }, async (t) => {
    const { url } = await serveEcho(
      t,
      {
        echo: ({ text }) => ({ text, payload: text === "large" ? randomBytes(1024 * KIB) : new Uint8Array() }),
      },
      { maxBufferedBytes: 8192 * KIB, shutdown: { timeout: 500 } },
    );
    const deaf = connect(url, { settings: { initialWindowSize: 0 } });
    t.after(() => deaf.destroy());
    const refusals: unknown[] = [];
    const before = process.memoryUsage.rss();
    for (let call = 0; call < 60; call += 1) {
      const stream = openCall(deaf, "Echo", { "grpc-accept-encoding": compression ?? "identity" });
      stream.end(echoRequest({ text: "large" }));
      const [head]: IncomingHttpHeaders[] = await once(stream, "response");
      if (head?.["grpc-status"] !== undefined) refusals.push(head["grpc-status"]);
    }
    assert.ok(refusals.length >= 56, `${60 - refusals.length} were held`);
    assert.deepEqual([...new Set(refusals)], [RESOURCE_EXHAUSTED]);
    const more = (process.memoryUsage.rss() - before) / KIB / KIB;
    assert.ok(more < 48, `the process has ${more} MiB more`);
    const other = connect(url);
    t.after(() => other.destroy());
    const message = echoRequest({ payload: new Uint8Array(512 * KIB) });
    assert.equal(await statusWith(openCall(other, "Echo"), message), "0");
  });
}

test("streams that nobody reads leave room for other connections", { timeout: 30_000 }, async (t) => {
  const never = new Promise<never>(() => {});
  const { url } = await serveEcho(
    t,
    {
      echo: ({ payload }) => ({ text: `${payload.length}` }),
      // biome-ignore lint/correctness/useYield: it never gets there
      async *echoBidiStream(requests) {
        for await (const _ of requests) await never;
      },
    },
    { maxBufferedBytes: 32 * 1024 * KIB, shutdown: { timeout: 500 } },
  );
  const standing = connect(url);
  t.after(() => standing.destroy());
  const streams = Array.from({ length: 200 }, () => openCall(standing, "EchoBidiStream"));
  for (const stream of streams) stream.write(echoRequest({}));
  await sleep(300); // For the handlers to read the first message.
  for (const stream of streams) stream.write(echoRequest({}));
  await sleep(300); // For the second messages to arrive, which nobody reads.
  const other = connect(url);
  t.after(() => other.destroy());
  const message = echoRequest({ payload: new Uint8Array(1024 * KIB) });
  assert.equal(await statusWith(openCall(other, "Echo"), message), "0");
});

test("calls that wait for JavaScript are taken in turns over connections", { timeout: 20_000 }, async (t) => {
  const served: string[] = [];
  const { port } = await serveEcho(t, {
    echo({ text }) {
      served.push(text);
      return { text };
    },
  });
  const request = (text: string, connection: number) => ({
    path: `${SERVICE}/Echo`,
    headers: { "content-type": "application/grpc", te: "trailers" },
    body: echoRequest({ text }),
    connection,
  });
  const greedy = Array.from({ length: 200 }, () => request("greedy", 0));
  const modest = Array.from({ length: 3 }, () => request("modest", 1));
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests: [...greedy, ...modest] },
  });
  await once(worker, "message");
  worker.postMessage("go");
  blockEventLoop(1_500);
  await once(worker, "message");
  assert.equal(served.length, 203);
  // Behind each of its calls comes one of the connection that was there first.
  assert.ok(served.lastIndexOf("modest") < 20, `the last one was call ${served.lastIndexOf("modest")}`);
});

test("an HTTP/2 client is told how many streams it may open", { timeout: 20_000 }, async (t) => {
  for (const [options, expected] of [[{}, 250] as const, [{ maxConcurrentStreams: 7 }, 7] as const]) {
    const { url } = await serveEcho(t, { echo: () => ({}) }, options);
    const session = connect(url);
    t.after(() => session.destroy());
    const [settings]: Settings[] = await once(session, "remoteSettings");
    assert.equal(settings?.maxConcurrentStreams, expected);
  }
});

async function statusWith(stream: ReturnType<typeof openCall>, message: Buffer): Promise<unknown> {
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on("response", (received) => {
    head = received;
  });
  stream.on("trailers", (received) => {
    trailers = received;
  });
  stream.end(message);
  await once(stream.resume(), "close");
  return statusOf({ head, trailers });
}
