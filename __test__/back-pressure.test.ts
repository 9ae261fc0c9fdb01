// Back-pressure: a stream that is not read stops its source, and does not delay other streams.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceImpl } from "@connectrpc/connect";
import type { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { echoRequest } from "./support/echo-request.ts";
import { eventually } from "./support/eventually.ts";
import { openCall, SERVICE, sessionTo } from "./support/grpc-session.ts";
import { serveEcho } from "./support/serve-echo.ts";

const KIB = 1024;

/** The value of `count` once it has not changed for a while. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  while (last !== count()) {
    last = count();
    await sleep(300); // Long enough for anything on loopback that is still under way.
  }
  return last;
}

/** Yields messages of `size` bytes endlessly, and counts them. */
function source(size: number) {
  const pulled = { count: 0, returned: false };
  const implementation: Partial<ServiceImpl<typeof EchoService>> = {
    async *echoServerStream() {
      const payload = new Uint8Array(size);
      try {
        for (;;) {
          pulled.count += 1;
          yield { payload };
        }
      } finally {
        pulled.returned = true;
      }
    },
  };
  return { pulled, implementation };
}

// The maximum pulled: the client's window, one frame in transit, and what `write` accepts before it returns false.
for (const [size, most] of [
  [64 * KIB, 6],
  [16 * KIB, 16],
  [1 * KIB, 64 + 16 + 32 + 32],
] as const) {
  test(`HTTP/2: at most ${most} messages of ${size / KIB} KiB are pulled from a stream that nobody reads`, {
    timeout: 20_000,
  }, async (t) => {
    const { pulled, implementation } = source(size);
    const { url } = await serveEcho(t, implementation);
    const stream = openCall(sessionTo(t, url), "EchoServerStream");
    stream.end(echoRequest());
    await once(stream, "response");
    const stopped = await settled(() => pulled.count);
    assert.ok(stopped <= most, `${stopped} messages were pulled`);

    let received = 0;
    stream.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    await eventually(() => received >= 4 * 1024 * KIB, "the stream that is read continues");
    assert.ok(pulled.count > stopped, "the generator too");
    stream.close();
    await eventually(() => pulled.returned, "the generator's return() is called");
  });
}

// contract: DEC-http1-buffers
test("HTTP/1.1: a client that does not read stops the generator", { timeout: 20_000 }, async (t) => {
  const { pulled, implementation } = source(64 * KIB);
  const { port } = await serveEcho(t, implementation);
  const socket = new Socket();
  t.after(() => socket.destroy());
  socket.connect(port, "127.0.0.1");
  socket.pause();
  const head = [
    `POST ${SERVICE}/EchoServerStream HTTP/1.1`,
    "host: localhost",
    "content-type: application/connect+proto",
    "content-length: 5",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n\0\0\0\0\0`);
  // The kernel buffers some megabytes of a connection; our own buffers come on top.
  const stopped = await settled(() => pulled.count);
  assert.ok(stopped * 64 * KIB < 16 * 1024 * KIB, `${stopped} messages were pulled`);
  socket.destroy();
  await eventually(() => pulled.returned, "the generator's return() is called");
});

test("a reader that stops costs bounded memory, over many streams", { timeout: 60_000 }, async (t) => {
  const { pulled, implementation } = source(16 * KIB);
  const { url } = await serveEcho(t, implementation);
  const before = process.memoryUsage.rss();
  const streams = Array.from({ length: 200 }, () => openCall(sessionTo(t, url), "EchoServerStream"));
  for (const stream of streams) stream.end(echoRequest());
  await Promise.all(streams.map((stream) => once(stream, "response")));
  await settled(() => pulled.count);
  const each = (process.memoryUsage.rss() - before) / streams.length / KIB;
  // Both ends are in this process. An unbounded stream would take hundreds of MiB until the generators are stopped.
  assert.ok(each < 1024, `${Math.round(each)} KiB for each stream`);
});

test("a handler that does not read stops only its own client on the connection", {
  timeout: 30_000,
}, async (t) => {
  const { promise: released, resolve: release } = deferred();
  let received = 0;
  const { url } = await serveEcho(t, {
    async echoClientStream(requests) {
      await released;
      for await (const { payload } of requests) received += payload.length;
      return { text: String(received) };
    },
    echo: ({ text }) => ({ text }),
  });
  const http2 = sessionTo(t, url);
  const message = echoRequest({ payload: new Uint8Array(16 * KIB) });

  let sent = 0;
  const uploads = Array.from({ length: 3 }, async () => {
    const upload = openCall(http2, "EchoClientStream");
    const trailers = once(upload.resume(), "trailers");
    for (let index = 0; index < 64; index += 1) {
      await new Promise((resolve) => upload.write(message, resolve));
      sent += 1;
    }
    upload.end();
    const [{ "grpc-status": status }] = await trailers;
    assert.equal(status, "0");
  });
  const stopped = await settled(() => sent);
  assert.ok(stopped < 3 * 20, `${stopped} messages were sent although nobody reads them`);

  for (let call = 0; call < 20; call += 1) {
    const other = openCall(http2, "Echo");
    other.end(echoRequest({ text: "a" }));
    const [trailers] = await once(other.resume(), "trailers");
    assert.equal(trailers["grpc-status"], "0");
  }

  release();
  await Promise.all(uploads);
  assert.equal(received, 3 * 64 * 16 * KIB);
});

test("an echoed stream runs at the pace of its reader, in both directions", { timeout: 30_000 }, async (t) => {
  let echoed = 0;
  const { url } = await serveEcho(t, {
    async *echoBidiStream(requests) {
      for await (const { payload } of requests) {
        echoed += 1;
        yield { payload };
      }
    },
  });
  const stream = openCall(sessionTo(t, url), "EchoBidiStream");
  const message = echoRequest({ payload: new Uint8Array(16 * KIB) });
  for (let sent = 0; sent < 200; sent += 1) stream.write(message);
  await once(stream, "response");
  const stopped = await settled(() => echoed);
  assert.ok(stopped < 40, `${stopped} messages were echoed while nobody read`);
  stream.resume();
  stream.end();
  const [trailers] = await once(stream, "trailers");
  assert.equal(trailers["grpc-status"], "0");
  assert.equal(echoed, 200);
});
