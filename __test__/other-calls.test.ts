// Sizes, floods and decompression bombs that must not affect other calls.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { credentials, Client as GrpcJsClient } from "@grpc/grpc-js";
import { deferred } from "./support/deferred.ts";
import { envelope } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import { openCall, SERVICE, sessionTo } from "./support/grpc-session.ts";
import {
  ACK,
  DATA,
  END_STREAM,
  FrameConnection,
  frame,
  headersFrame,
  PING,
  resetFrame,
} from "./support/http2-frames.ts";
import { exchangeHttp1, http1Request } from "./support/raw-http1.ts";
import { serveEcho } from "./support/serve-echo.ts";

const identity = (bytes: Buffer) => bytes;
const TEXT = (text: string) => Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);

function grpcJs(t: TestContext, port: number) {
  const client = new GrpcJsClient(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(() => client.close());
  const call = (text: string, done: (error: Error | null) => void = () => {}) =>
    client.makeUnaryRequest(
      `${SERVICE}/Echo`,
      identity,
      identity,
      TEXT(text),
      { deadline: Date.now() + 3_000 },
      (error) => done(error),
    );
  const outcome = (text: string) =>
    new Promise<string>((resolve) => call(text, (error) => resolve(error?.message ?? "ok")));
  return { call, outcome };
}

for (const length of [100_000, 1_000_000]) {
  test(`an error text of ${length} characters affects no other call of grpc-js's connection`, {
    timeout: 15_000,
  }, async (t) => {
    const { promise: begun, resolve: begin } = deferred();
    const { promise: goneOn, resolve: goOn } = deferred();
    const { port } = await serveEcho(t, {
      async echo({ text }) {
        if (text === "fail") throw new ConnectError("m".repeat(length), Code.NotFound);
        begin();
        await goneOn;
        return {};
      },
    });
    const { outcome } = grpcJs(t, port);
    const beside = outcome("slow");
    await begun;
    assert.match(await outcome("fail"), /^5 NOT_FOUND: m+/);
    goOn();
    assert.equal(await beside, "ok");
  });
}

test("more headers than Rust can hold are internal, not a reset", { timeout: 10_000 }, async (t) => {
  const { port } = await serveEcho(t, {
    echo(_, { responseHeader }) {
      for (let at = 0; at < 40_000; at += 1) responseHeader.set(`x-${at}`, "1");
      return {};
    },
  });
  const response = await exchangeHttp1(
    port,
    http1Request({
      method: "POST",
      target: `${SERVICE}/Echo`,
      headers: [
        ["host", "a"],
        ["content-type", "application/json"],
      ],
      body: Buffer.from("{}"),
    }),
  );
  assert.equal(response.status, 500);
});

test("cancelling a hundred calls at once does not affect another call of the connection", {
  timeout: 10_000,
}, async (t) => {
  const { promise: released, resolve: release } = deferred();
  const { port } = await serveEcho(t, {
    async echo() {
      await released;
      return {};
    },
  });
  // As grpc-js sends cancelled calls: the calls in one packet, the resets in the next, often read together.
  const connection = await FrameConnection.open(t, port);
  const call = (id: number) => [headersFrame(id, "Echo"), frame(DATA, END_STREAM, id, Buffer.alloc(5))];
  await connection.send(Buffer.concat(call(1)));
  const cancelled = Array.from({ length: 100 }, (_, at) => 2 * at + 3);
  await connection.send(
    Buffer.concat(cancelled.flatMap((id) => [...call(id), resetFrame(id, constants.NGHTTP2_CANCEL)])),
  );
  await connection.send(frame(PING, 0, 0, Buffer.alloc(8)));
  await eventually(() => connection.frames.some(({ type, flags }) => type === PING && flags === ACK), "all is read");
  release();
  await eventually(() => connection.of(1).some(({ flags }) => (flags & END_STREAM) !== 0), "the call is answered");
});

test("request headers of 20 KiB are served over HTTP/2, as by connect-node and over HTTP/1.1", {
  timeout: 10_000,
}, async (t) => {
  const { url } = await serveEcho(t, { echo: () => ({}) });
  const session = connectHttp2(url);
  t.after(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": `${SERVICE}/Echo`,
    "content-type": "application/json",
    "x-a": "a".repeat(20 * 1024),
  });
  stream.end("{}");
  const [head] = await once(stream, "response");
  assert.equal(head[":status"], 200);
});

test("small messages that decompress to large ones do not hold up other connections", {
  timeout: 30_000,
}, async (t) => {
  const { url } = await serveEcho(t, { echo: () => ({}) }, { threads: 1 });
  const bomb = envelope(brotliCompressSync(Buffer.alloc(64 * 1024 * 1024)), 1);
  const attacker = sessionTo(t, url);
  const bystander = sessionTo(t, url);
  await Promise.all([attacker, bystander].map((session) => once(session, "remoteSettings")));
  // Decompressed on the thread that serves connections, they would keep it for more than four seconds.
  for (let call = 0; call < 500; call += 1) {
    const stream = attacker.request({
      ":method": "POST",
      ":path": `${SERVICE}/Echo`,
      "content-type": "application/grpc",
      "grpc-encoding": "br",
      te: "trailers",
    });
    stream.on("error", () => {}).resume();
    stream.end(bomb);
  }
  await sleep(50); // For the first bombs to be read: what it is beside them is what is measured.
  const startedAt = performance.now();
  const stream = openCall(bystander, "NotThere");
  stream.end();
  await once(stream, "response");
  const took = performance.now() - startedAt;
  assert.ok(took < 2_000, `a response that needs no handler took ${Math.round(took)} ms`);
});
