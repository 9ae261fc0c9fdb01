// Floods of frames that cost the client next to nothing.
import { constants } from "node:http2";
import {
  CONTINUATION,
  callFields,
  DATA,
  frame,
  HEADERS,
  headerBlock,
  headersFrame,
  PING,
  PRIORITY,
  resetFrame,
  SETTINGS,
  uint32,
} from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { repeated } from "../calls.ts";
import { ENDED, SEEN } from "../round.ts";

interface Flood extends Pick<Attack, "name" | "title"> {
  /** Sent once on a connection, and whether that is a call. */
  readonly before?: Buffer;
  readonly isCall?: boolean;
  readonly frame: Buffer;
  /** How often on a connection, unless it is ended before, and how many connections there are in a second. */
  readonly count: number;
  readonly perSecond: number;
  /** Whether the server has to end the connection. Default false. */
  readonly ends?: boolean;
}

/** A packet of them, so that a connection that has ended is noticed in between. */
const PACKET = 100;

const floods: readonly Flood[] = [
  {
    name: "continuations",
    title: "a header block that never ends",
    before: frame(HEADERS, 0, 1, headerBlock(callFields("Echo"))),
    frame: frame(CONTINUATION, 0, 1, headerBlock([["x-a", "a".repeat(100)]])),
    count: 50_000,
    perSecond: 5,
    ends: true,
  },
  {
    name: "empty-data",
    title: "empty DATA frames for one stream",
    before: headersFrame(1, "EchoClientStream"),
    isCall: true,
    frame: frame(DATA, 0, 1),
    count: 50_000,
    perSecond: 5,
    ends: true,
  },
  {
    name: "pings",
    title: "PING frames",
    frame: frame(PING, 0, 0, Buffer.alloc(8)),
    count: 2_000,
    perSecond: 20,
    ends: true,
  },
  {
    name: "settings",
    title: "SETTINGS frames",
    frame: frame(SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, 3]), uint32(100)])),
    count: 2_000,
    perSecond: 20,
  },
  {
    name: "priorities",
    title: "PRIORITY frames",
    frame: frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 0, 16])),
    count: 2_000,
    perSecond: 20,
  },
  {
    name: "resets",
    title: "RST_STREAM frames for one stream",
    before: headersFrame(1, "EchoClientStream"),
    isCall: true,
    frame: resetFrame(1, constants.NGHTTP2_CANCEL),
    count: 2_000,
    perSecond: 20,
  },
];

export const frameFloods = floods.map(
  (flood): Attack => ({
    name: flood.name,
    title: flood.title,
    strikes: flood.perSecond,
    perSecond: flood.perSecond,
    async strike(round) {
      const connection = await round.connectHttp2();
      if (flood.before !== undefined) await connection.send(flood.before);
      if (flood.isCall) round.calls += 1;
      const packet = repeated(flood.frame, PACKET);
      for (let sent = 0; sent < flood.count && !connection.isClosed; sent += PACKET) {
        await connection.send(packet);
        round.count("frames", PACKET);
        await new Promise(setImmediate); // So that a close is noticed.
      }
      await round.settle(connection);
    },
    proof: flood.ends ? { [ENDED]: 1 } : { frames: flood.count, [SEEN]: 1 },
  }),
);
