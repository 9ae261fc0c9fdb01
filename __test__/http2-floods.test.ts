// Floods of small frames, each a known attack: their connection may be closed, but memory and other calls are safe.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { constants } from "node:http2";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { envelope } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import {
  CONTINUATION,
  callFields,
  DATA,
  END_STREAM,
  FrameConnection,
  frame,
  GOAWAY,
  HEADERS,
  headerBlock,
  headersFrame,
  PADDED,
  PING,
  PRIORITY,
  resetFrame,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

const MIB = 1024 * 1024;
/** The maximum that a flood sends. */
const MAX_FLOOD_BYTES = 32 * MIB;
const MAX_FLOOD_MS = 1_500;
/** One that has to end its connection goes on for longer: on a busy machine it takes more frames to pass the limit. */
const MAX_ENDING_FLOOD_MS = 10_000;
/** A call of a bystander takes a few milliseconds; this is for a machine that is busy. */
const MAX_CALL_MS = 2_000;
const MAX_GROWTH_BYTES = 64 * MIB;

interface Flood {
  /** Sent once. */
  readonly before?: Buffer;
  /** Sent again and again, with the number of the round. */
  readonly frames: (round: number) => Buffer;
  /** Whether the client reads the responses. Default true. */
  readonly reads?: boolean;
  /** Whether the connection is ended for it: with GOAWAY `ENHANCE_YOUR_CALM`, if that still gets through. */
  readonly ends: boolean;
}

const repeat = (bytes: Buffer, times: number) => Buffer.concat(Array.from({ length: times }, () => bytes));
/** The stream ids of a round, which continue those of the round before. */
const streams = (round: number, count: number) =>
  Array.from({ length: count }, (_, at) => 2 * (round * count + at) + 1);
const setting = (id: number, value: number) => Buffer.concat([Buffer.from([0, id]), uint32(value)]);
const openHeaders = frame(HEADERS, 0, 1, headerBlock(callFields("Echo")));
const openCall = headersFrame(1, "EchoClientStream");

const floods: Record<string, Flood> = {
  "calls that are reset in the packet that began them": {
    frames: (round) =>
      Buffer.concat(
        streams(round, 100).flatMap((id) => [headersFrame(id, "Echo"), resetFrame(id, constants.NGHTTP2_CANCEL)]),
      ),
    ends: true,
  },
  "calls with their message that are reset in the packet that began them": {
    frames: (round) =>
      Buffer.concat(
        streams(round, 10).flatMap((id) => [
          headersFrame(id, "Echo"),
          frame(DATA, END_STREAM, id, envelope(Buffer.alloc(0))),
          resetFrame(id, constants.NGHTTP2_CANCEL),
        ]),
      ),
    ends: true,
  },
  "continuations of a header block that never ends": {
    before: openHeaders,
    frames: () => frame(CONTINUATION, 0, 1, headerBlock([["x-a", "a".repeat(100)]])),
    ends: true,
  },
  "empty continuations": {
    before: openHeaders,
    frames: () => repeat(frame(CONTINUATION, 0, 1), 100),
    ends: true,
  },
  "empty data frames": { before: openCall, frames: () => repeat(frame(DATA, 0, 1), 100), ends: true },
  "data frames of padding": {
    before: openCall,
    frames: () => repeat(frame(DATA, PADDED, 1, Buffer.from([255, ...Buffer.alloc(255)])), 100),
    ends: true,
  },
  "settings whose acknowledgements are not read": {
    frames: () => repeat(frame(SETTINGS, 0, 0, setting(3, 100)), 1_000),
    reads: false,
    ends: false,
  },
  "pings without a call": {
    frames: () => repeat(frame(PING, 0, 0, Buffer.alloc(8)), 1_000),
    ends: true,
  },
  "settings that move the window of a hundred streams": {
    before: Buffer.concat(
      streams(0, 100).flatMap((id) => [
        headersFrame(id, "EchoServerStream"),
        frame(DATA, END_STREAM, id, envelope(Buffer.alloc(0))),
      ]),
    ),
    frames: () =>
      repeat(Buffer.concat([frame(SETTINGS, 0, 0, setting(4, 0)), frame(SETTINGS, 0, 0, setting(4, 99))]), 50),
    ends: false,
  },
  "windows of one byte": {
    before: Buffer.concat([
      frame(SETTINGS, 0, 0, setting(4, 0)),
      headersFrame(1, "EchoServerStream"),
      frame(DATA, END_STREAM, 1, envelope(Buffer.alloc(0))),
    ]),
    frames: () => repeat(frame(WINDOW_UPDATE, 0, 1, uint32(1)), 500),
    ends: false,
  },
  priorities: { frames: () => repeat(frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 0, 16])), 1_000), ends: false },
  "frames of a type that does not exist": {
    frames: () => repeat(frame(0xbe, 0xff, 1, Buffer.alloc(64)), 200),
    ends: false,
  },
};

/** File descriptors of this process; 0 where they cannot be counted. */
const descriptors = () => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);

for (const [what, flood] of Object.entries(floods)) {
  const outcome = flood.ends ? "end the connection" : "are tolerated";
  test(`${what} ${outcome}, and do not affect other connections`, { timeout: 30_000 }, async (t) => {
    const { port, url } = await serveEcho(t, {
      echo: () => new Promise<never>(() => {}),
      echoGet: ({ text }) => ({ text }),
      async echoClientStream(requests) {
        for await (const _ of requests);
        return {};
      },
      async *echoServerStream() {
        for (;;) yield { payload: new Uint8Array(1024) };
      },
    });
    const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
    await client.echoGet({});
    const descriptorsBefore = descriptors();
    const memoryBefore = process.memoryUsage().rss;

    const connection = await FrameConnection.open(t, port, (type) => type === GOAWAY);
    if (flood.reads === false) connection.socket.pause();
    let isFlooding = true;
    const callsOfBystander = (async () => {
      const took: number[] = [];
      while (isFlooding) {
        const startedAt = performance.now();
        assert.equal((await client.echoGet({ text: "here" }, { timeoutMs: 10_000 })).text, "here");
        took.push(performance.now() - startedAt);
        await sleep(10); // A call now and then: a flood of its own would show nothing.
      }
      return Math.max(...took);
    })();

    if (flood.before !== undefined) await connection.send(flood.before);
    const until = performance.now() + (flood.ends ? MAX_ENDING_FLOOD_MS : MAX_FLOOD_MS);
    let sent = 0;
    let isTaken = true;
    for (let round = 0; isTaken && performance.now() < until && sent < MAX_FLOOD_BYTES; round += 1) {
      if (connection.isClosed) break;
      const frames = flood.frames(round);
      isTaken = await connection.send(frames, 500);
      sent += frames.byteLength;
      // Gives time to read the responses, and the bystander time to call.
      await new Promise(setImmediate);
    }
    if (flood.ends) {
      await eventually(() => connection.isClosed, "the connection is closed");
      const calm = [undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM];
      assert.ok(calm.includes(connection.goaway), `GOAWAY says ${connection.goaway}`);
    } else {
      assert.equal(connection.isClosed, false, "the connection is still open");
    }
    if (flood.reads === false) assert.equal(isTaken, false, "no more is read than can be answered");
    isFlooding = false;
    const slowest = await callsOfBystander;
    assert.ok(slowest < MAX_CALL_MS, `the slowest call of the bystander took ${Math.round(slowest)} ms`);

    connection.socket.destroy();
    await eventually(() => descriptors() <= descriptorsBefore, "the socket is given back");
    const growth = process.memoryUsage().rss - memoryBefore;
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${Math.round(growth / MIB)} MiB for ${Math.round(sent / MIB)} MiB`);
  });
}
