// Bounds on queued calls and buffered bytes: a call beyond them is rejected at once.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type IncomingHttpHeaders } from "node:http2";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { echoRequest } from "./support/echo-request.ts";
import { openCall, SERVICE } from "./support/grpc-session.ts";
import { serveEcho } from "./support/serve-echo.ts";

const KIB = 1024;
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
  const session = connect(url);
  t.after(() => session.destroy());
  const halves = [1, 2].map(() => {
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

test("responses that the client does not read count too", { timeout: 30_000 }, async (t) => {
  const { url } = await serveEcho(
    t,
    {
      echo: ({ text }) => ({ text, payload: new Uint8Array(text === "large" ? 1024 * KIB : 0) }),
    },
    { maxBufferedBytes: 4096 * KIB, shutdown: { timeout: 500 } },
  );
  const deaf = connect(url, { settings: { initialWindowSize: 0 } });
  t.after(() => deaf.destroy());
  for (let call = 0; call < 6; call += 1) {
    const stream = openCall(deaf, "Echo");
    stream.end(echoRequest({ text: "large" }));
    await once(stream, "response");
  }
  const other = connect(url);
  t.after(() => other.destroy());
  assert.equal(
    await statusWith(openCall(other, "Echo"), echoRequest({ payload: new Uint8Array(4 * KIB) })),
    UNAVAILABLE,
  );
  deaf.destroy();
  await sleep(300); // For the connection's end to arrive.
  assert.equal(await statusWith(openCall(other, "Echo"), echoRequest({ payload: new Uint8Array(4 * KIB) })), "0");
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
