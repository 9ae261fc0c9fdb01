// Nobody is made to hold what another does not take: streams stop at their source, and only they do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceImpl } from "@connectrpc/connect";
import type { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { openCall, SERVICE, sessionTo } from "./support/grpc-session.ts";
import { serveEcho } from "./support/serve-echo.ts";

const KIB = 1024;
/** One empty message. */
const ENVELOPE = Buffer.alloc(5);

/** The value of `count` once it has not changed for a while. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  while (last !== count()) {
    last = count();
    await sleep(300); // Long enough for anything on loopback that is still under way.
  }
  return last;
}

/** Yields messages of `size` bytes for ever, and counts. */
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
    echo: ({ text }) => ({ text }),
  };
  return { pulled, implementation };
}

// What may be pulled: the client's window, one frame on its way to it, and what `write` takes before it says false.
for (const [size, most] of [
  [64 * KIB, 6],
  [16 * KIB, 16],
  [1 * KIB, 64 + 16 + 32 + 32],
] as const) {
  test(`HTTP/2: of a stream of ${size / KIB} KiB messages that nobody reads, at most ${most} are pulled`, {
    timeout: 20_000,
  }, async (t) => {
    const { pulled, implementation } = source(size);
    const { url } = await serveEcho(t, implementation);
    const stream = openCall(sessionTo(t, url), "EchoServerStream");
    stream.end(ENVELOPE);
    await once(stream, "response");
    const stopped = await settled(() => pulled.count);
    assert.ok(stopped <= most, `${stopped} messages were pulled`);

    let received = 0;
    stream.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    while (received < 4 * 1024 * KIB) await sleep(5);
    assert.ok(pulled.count > stopped, "and once somebody reads it goes on");
    stream.close();
    while (!pulled.returned) await sleep(5);
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
  // The system buffers some megabytes of a connection on its own account; ours comes on top.
  const stopped = await settled(() => pulled.count);
  assert.ok(stopped * 64 * KIB < 16 * 1024 * KIB, `${stopped} messages were pulled`);
  socket.destroy();
  while (!pulled.returned) await sleep(5);
});

test("a reader that stops costs bounded memory, over many streams", { timeout: 60_000 }, async (t) => {
  const { implementation } = source(16 * KIB);
  const { url } = await serveEcho(t, implementation);
  const before = process.memoryUsage.rss();
  const streams = Array.from({ length: 200 }, () => openCall(sessionTo(t, url), "EchoServerStream"));
  for (const stream of streams) stream.end(ENVELOPE);
  await Promise.all(streams.map((stream) => once(stream, "response")));
  await sleep(1_000);
  const each = (process.memoryUsage.rss() - before) / streams.length / KIB;
  // Both ends live in this process. Unbounded, a stream would have taken hundreds of MiB in this time.
  assert.ok(each < 1024, `${Math.round(each)} KiB for each stream`);
});

test("a handler that does not read stops its client, and nobody else on the connection", {
  timeout: 30_000,
}, async (t) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
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
  const message = Buffer.concat([
    envelopeOf(16 * KIB + 4),
    Buffer.from([0x1a, 0x80, 0x80, 0x01]),
    Buffer.alloc(16 * KIB),
  ]);

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
  assert.ok(stopped < 3 * 20, `${stopped} messages were sent though nobody reads them`);

  for (let call = 0; call < 20; call += 1) {
    const other = openCall(http2, "Echo");
    other.end(Buffer.concat([envelopeOf(3), Buffer.from([0x0a, 0x01, 0x61])]));
    const [trailers] = await once(other.resume(), "trailers");
    assert.equal(trailers["grpc-status"], "0");
  }

  release();
  await Promise.all(uploads);
  assert.equal(received, 3 * 64 * 16 * KIB);
});

test("an echo of a stream runs at the pace of its reader, both ways", { timeout: 30_000 }, async (t) => {
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
  const message = Buffer.concat([
    envelopeOf(16 * KIB + 4),
    Buffer.from([0x1a, 0x80, 0x80, 0x01]),
    Buffer.alloc(16 * KIB),
  ]);
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

function envelopeOf(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return head;
}
