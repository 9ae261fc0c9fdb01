// Malformed HTTP/2 is an error of its stream or its connection, and never affects calls of other connections.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { envelope } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import {
  CONTINUATION,
  callFields,
  DATA,
  END_HEADERS,
  END_STREAM,
  FrameConnection,
  frame,
  HEADERS,
  headerBlock,
  headersFrame,
  PADDED,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

/** The stream with the malformed frames. */
const BAD = 3;
const MESSAGE = envelope(Buffer.from([0x0a, 1, 0x61]));

type Fields = [string, string][];

const call = callFields("EchoBidiStream");
const without = (name: string) => call.filter(([candidate]) => candidate !== name);
const withPath = (path: string): Fields => call.map(([name, value]) => [name, name === ":path" ? path : value]);
const head = (fields: Fields, flags = END_HEADERS) => frame(HEADERS, flags, BAD, headerBlock(fields));
const request = (fields: Fields) => [head(fields), frame(DATA, END_STREAM, BAD, MESSAGE)];
const validStart = [head(call), frame(DATA, 0, BAD, MESSAGE)];

/** Malformed requests (RFC 9113 section 8.1.1): the stream is reset, and the connection continues. */
const streamErrors: Record<string, Buffer[]> = {
  "a content-length larger than the content": request([...call, ["content-length", "100"]]),
  "a content-length smaller than the content": request([...call, ["content-length", "3"]]),
  "the field connection": request([...call, ["connection", "close"]]),
  "the field transfer-encoding": request([...call, ["transfer-encoding", "chunked"]]),
  "a te that is not trailers": request([...without("te"), ["te", "gzip"]]),
  "a pseudo-header after a header": request([["x-a", "1"], ...call]),
  "two paths": request([[":path", "/a"], ...call]),
  "no path": request(without(":path")),
  "an empty path": request(withPath("")),
  "a path without a slash": request(withPath("a")),
  "an extended CONNECT that was not offered": [head([[":protocol", "a"], ...call])],
  "trailers that do not end the stream": [...validStart, head([["x-a", "1"]])],
  "a window beyond 2^31": [...validStart, frame(WINDOW_UPDATE, 0, BAD, uint32(0x7fff_ffff))],
};

/** Frames after which the two sides disagree about the connection (section 5.4.1): GOAWAY, and it is closed. */
const connectionErrors: Record<string, Buffer[]> = {
  "a field name in upper case": request([...call, ["X-A", "1"]]),
  "a pseudo-header that does not exist": request([[":a", "1"], ...call]),
  "a line break in a value": request([...call, ["x-a", "a\r\nb: c"]]),
  "an invalid header block": [frame(HEADERS, END_HEADERS, BAD, Buffer.alloc(6, 0xff))],
  "padding longer than its frame": [frame(HEADERS, END_HEADERS | PADDED, BAD, Buffer.from([250, 0]))],
  "headers on a stream of the server's": [frame(HEADERS, END_HEADERS, 2, headerBlock(call))],
  "headers on stream 0": [frame(HEADERS, END_HEADERS, 0, headerBlock(call))],
  "data on a stream that was never opened": [frame(DATA, 0, 9, MESSAGE)],
  "a continuation without headers": [frame(CONTINUATION, END_HEADERS, BAD, headerBlock(call))],
  "another frame between headers and their continuation": [head(call, 0), frame(DATA, 0, BAD, MESSAGE)],
  "a frame larger than the limit": [...validStart, frame(DATA, 0, BAD, Buffer.alloc(16_385))],
  "a push from a client": [frame(PUSH_PROMISE, END_HEADERS, BAD, Buffer.concat([uint32(4), headerBlock(call)]))],
  "an incomplete setting": [frame(SETTINGS, 0, 0, Buffer.alloc(3))],
  // An error of the stream by section 6.9; section 5.4.1 allows one of the connection.
  "a window update of zero": [...validStart, frame(WINDOW_UPDATE, 0, BAD, uint32(0))],
  "a window of the connection beyond 2^31": [frame(WINDOW_UPDATE, 0, 0, uint32(0x7fff_ffff))],
};

/**
 * A server, a bystander's call in flight on the connection that will suffer, and a client on a connection of its own.
 */
async function scene(t: TestContext) {
  const streams = { begun: 0, ended: 0 };
  const { promise: released, resolve: release } = deferred();
  let waits = false;
  const { port, url } = await serveEcho(t, {
    async echo() {
      waits = true;
      await released;
      return { text: "bystander" };
    },
    echoGet: ({ text }) => ({ text }),
    async *echoBidiStream(requests) {
      streams.begun += 1;
      try {
        for await (const { text } of requests) yield { text };
      } finally {
        streams.ended += 1;
      }
    },
  });
  const connection = await FrameConnection.open(t, port);
  await connection.send(
    Buffer.concat([headersFrame(1, "Echo"), frame(DATA, END_STREAM, 1, envelope(Buffer.alloc(0)))]),
  );
  await eventually(() => waits, "the bystander's call begins");
  return { streams, release, connection, client: createClient(EchoService, createGrpcTransport({ baseUrl: url })) };
}

/** Sends malformed frames; those after a valid start of a request only when its handler has started. */
async function sendBad({ connection, streams }: Awaited<ReturnType<typeof scene>>, frames: readonly Buffer[]) {
  const beginsWell = validStart.every((frame, at) => frames[at] === frame);
  if (beginsWell) {
    await connection.send(Buffer.concat(validStart));
    await eventually(() => streams.begun === 1, "the handler begins");
  }
  await connection.send(Buffer.concat(beginsWell ? frames.slice(validStart.length) : frames));
}

const resetOf = (connection: FrameConnection) => connection.of(BAD).find(({ type }) => type === RST_STREAM);
const isOver = (connection: FrameConnection, stream: number) =>
  connection.of(stream).some(({ type, flags }) => type === HEADERS && (flags & END_STREAM) !== 0);

for (const [what, frames] of Object.entries(streamErrors)) {
  test(`${what}: the stream is reset, and another call of the connection continues`, { timeout: 10_000 }, async (t) => {
    const suffering = await scene(t);
    const { streams, release, connection } = suffering;
    await sendBad(suffering, frames);
    await eventually(() => resetOf(connection) !== undefined, "the stream is reset");
    assert.notEqual(resetOf(connection)?.payload.readUInt32BE(0), 0, "with an error");
    release();
    await eventually(() => isOver(connection, 1), "the bystander is answered");
    await eventually(() => streams.ended === streams.begun, "a handler that had begun ends");
    assert.equal(connection.goaway, undefined);
    assert.equal(connection.isClosed, false);
  });
}

for (const [what, frames] of Object.entries(connectionErrors)) {
  test(`${what}: the connection is closed with an error, and other connections continue`, {
    timeout: 10_000,
  }, async (t) => {
    const suffering = await scene(t);
    const { streams, connection, client } = suffering;
    const closed = once(connection.socket, "close");
    await sendBad(suffering, frames);
    await closed;
    assert.ok(connection.goaway !== undefined && connection.goaway !== 0, `GOAWAY says ${connection.goaway}`);
    await eventually(() => streams.ended === streams.begun, "a handler that had begun ends");
    assert.equal((await client.echoGet({ text: "here" })).text, "here");
  });
}
