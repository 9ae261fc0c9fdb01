// Heads that are small on the wire and large in memory, and more streams than a client needs.
import { setTimeout as sleep } from "node:timers/promises";
import { envelope } from "../../__test__/support/envelope.ts";
import {
  callFields,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  headerBlock,
  headersFrame,
} from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { streamIds } from "../calls.ts";
import { EMPTY_FIELD, literal, NEWEST } from "../hpack.ts";
import { ANSWERS, RESETS, SEEN } from "../round.ts";

interface HeadBomb extends Pick<Attack, "name" | "title"> {
  /** The fields of every call. */
  readonly base: Buffer;
  /** Put into the table by the first call, and referred to by the others. */
  readonly entry: Buffer;
  /** One byte each: fields of every call besides these. */
  readonly reference: number;
  readonly references: number;
}

/** Almost all that HPACK's table holds; 15 references to it are a head of 60 KiB. */
const large = literal("x-bomb", "v".repeat(3_900), true);
/** 1,800 references to it are 61,200 bytes as HPACK counts, and twice as many in a table of headers. */
const small = literal("a", "b", true);

const base = (method: string) => headerBlock(callFields(method));

/** The head of a call, with more references than `one` has on request. */
function headOf(one: HeadBomb, stream: number, references = one.references): Buffer {
  const first = stream === 1 ? one.entry : Buffer.from([NEWEST]);
  return frame(HEADERS, END_HEADERS, stream, Buffer.concat([one.base, first, Buffer.alloc(references, one.reference)]));
}

/** A whole frame of references: a head far beyond every limit. */
const BEYOND = 12_000;
const ANSWERED = 20;

/** Complete calls whose heads are just within the limit, then one far beyond it. */
const answered = (
  [
    {
      name: "hpack-references",
      title: `${ANSWERED} calls with heads of 60 KiB, by references of one byte; one of 48 MB`,
      base: base("Echo"),
      entry: large,
      reference: NEWEST,
      references: 15,
    },
    {
      name: "hpack-empty-fields",
      title: `${ANSWERED} calls with 1,300 empty fields of one byte; one with ${BEYOND.toLocaleString("en-US")}`,
      base: base("Echo"),
      entry: small,
      reference: EMPTY_FIELD,
      references: 1_300,
    },
  ] satisfies HeadBomb[]
).map(
  (one): Attack => ({
    name: one.name,
    title: one.title,
    strikes: 10,
    perSecond: 10,
    async strike(round) {
      const connection = await round.connectHttp2();
      const body = envelope(Buffer.alloc(0));
      for (const id of streamIds(ANSWERED)) {
        await connection.send(Buffer.concat([headOf(one, id), frame(DATA, END_STREAM, id, body)]));
      }
      round.calls += ANSWERED;
      await round.answered(connection, ANSWERED);
      await connection.send(headOf(one, 2 * ANSWERED + 1, BEYOND));
      await round.settle(connection);
    },
    proof: { [ANSWERS]: ANSWERED, [SEEN]: 1 },
  }),
);

const HELD = 100;
/** A packet: decoding a thousand of these heads at once would keep a thread, whatever becomes of them. */
const PACKET = 10;
const EVERY_MS = 2;

/** Calls that stay open behind their heads. */
const heldHeads: readonly HeadBomb[] = [
  {
    name: "large-heads-unary",
    title: "unary calls whose body never comes, each with 1,800 fields",
    base: headerBlock(
      callFields("Echo").map(([name, value]) => [name, name === "content-type" ? "application/proto" : value]),
    ),
    entry: small,
    reference: NEWEST,
    references: 1_800,
  },
  {
    name: "large-heads-streaming",
    title: "request streams without a message, each with a head of 60 KiB",
    base: base("EchoClientStream"),
    entry: large,
    reference: NEWEST,
    references: 15,
  },
];

/** An attack that holds this many of them open on each connection. */
function holding(one: HeadBomb, count: number, name: string): Attack {
  return {
    name,
    title: `${count.toLocaleString("en-US")} ${one.title}`,
    strikes: 20,
    perSecond: 20,
    async strike(round) {
      const connection = await round.connectHttp2();
      for (let sent = 0; sent < count; sent += PACKET) {
        await connection.send(Buffer.concat(streamIds(PACKET, sent).map((id) => headOf(one, id))));
        await sleep(EVERY_MS); // The rate of the packets.
      }
      round.calls += count;
      round.count("calls held open", count);
      await round.settle(connection);
    },
    proof: { "calls held open": count, [SEEN]: 1 },
  };
}

const held = heldHeads.map((one) => holding(one, HELD, one.name));

/** As many on one connection as servers used to allow. */
const MOST_HELD = 4_100;

/** Too strong to be repeated twenty times a second. */
export const strongHeads = heldHeads.map((one) => holding(one, MOST_HELD, `${one.name}-of-one-connection`));

/** More than a connection may have, and fewer than end it: then its resets would be lost. */
const MANY = 1_200;

const tooManyStreams: Attack = {
  name: "too-many-streams",
  title: `${MANY.toLocaleString("en-US")} request streams on one connection`,
  strikes: 2,
  perSecond: 10,
  async strike(round) {
    const connection = await round.connectHttp2();
    for (const id of streamIds(MANY)) await connection.send(headersFrame(id, "EchoClientStream"));
    round.calls += MANY;
    round.count("streams opened", MANY);
    await round.settle(connection);
  },
  // The server refuses some of them.
  proof: { "streams opened": MANY, [RESETS]: 1, [SEEN]: 1 },
};

export const heads: readonly Attack[] = [...answered, ...held, tooManyStreams];
