// The memory into which Rust puts what arrives: numbers in one list, bytes in a block.
//
// Bytes are put behind each other and never moved or overwritten; a block that is used up is left to whoever still looks at
// it. So a small call costs no buffer of its own, and nothing that a handler holds changes under it.
import { Buffer } from "node:buffer";
import { type Code, ConnectError } from "@connectrpc/connect";
import type { Call } from "../calls/call.ts";
import { addBallast } from "./ballast.ts";
import { InboundMessages } from "./inbound-messages.ts";
import type { NativeServer } from "./native.ts";

/** Some hundred small calls. */
const BLOCK_BYTES = 128 * 1024;
/** Rust puts at most so many bytes of one thing there; what is larger comes by itself. */
const MOST_OF_ONE = 16 * 1024;

/** Numbers of a record: kind, call, three that depend on the kind, and the lengths of its two pieces of bytes. */
export const RECORD = 7;
const MOST_RECORDS = 512;
/** A length that says: there is nothing. */
export const NONE = -1;
/** A length that says: it is too large, ask for it. */
export const APART = -2;

/** Three numbers say how a stream stands; then come the lengths of its messages. */
const STREAM_NUMBERS = 3;
const MOST_MESSAGES = 128;
/** Reads that are remembered until the block is used up. */
const MOST_UNREAD = 1024;
const AT_END = 1;
const FAILED = 2;

export class InboundMemory {
  readonly records = new Float64Array((MOST_RECORDS + 1) * RECORD);
  /** Where the bytes of the last `take` are, and where they begin. */
  block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  begin = 0;
  /** Whether the last `take` left something. */
  hasMore = false;

  readonly #native: NativeServer;
  readonly #numbers = new Float64Array(STREAM_NUMBERS + MOST_MESSAGES);
  #used = 0;
  /** Calls whose heads are in the block. */
  #borrowers: Call[] = [];
  /** Messages in the block that perhaps nobody has asked for yet. */
  #unread: InboundMessages[] = [];

  constructor(native: NativeServer) {
    this.#native = native;
  }

  /** Takes what waits, at most `limit` new calls among it. Returns how many records there are. */
  take(limit: number): number {
    this.#makeRoom();
    const { records } = this;
    this.begin = this.#used;
    const count = this.#native.take(limit, records, this.block, this.#used);
    for (let at = 0; at < count * RECORD; at += RECORD) {
      this.#used += Math.max(0, records[at + 5] as number) + Math.max(0, records[at + 6] as number);
    }
    this.hasMore = records[count * RECORD] === 1;
    return count;
  }

  /** Remembers that a call's head is in the block, until it is used up. */
  lend(call: Call): void {
    this.#borrowers.push(call);
  }

  /** The request messages of a call that have arrived; null when there are none yet. */
  read(call: number): InboundMessages | null {
    this.#makeRoom();
    const [numbers, block, begin] = [this.#numbers, this.block, this.#used];
    const count = this.#native.read(call, numbers, block, begin);
    if (count < 0) return null;
    const lengths: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const length = numbers[STREAM_NUMBERS + at] as number;
      if (length === APART) {
        // Without it the call has ended meanwhile.
        const message = this.#native.message(call);
        if (message === null) return InboundMessages.nothing();
        addBallast(message.byteLength);
        return new InboundMessages(message, 0, [APART], undefined);
      }
      lengths.push(length);
      this.#used += length;
    }
    const arrived = new InboundMessages(block, begin, lengths, this.#endOf(numbers));
    // A single message is taken at once.
    if (count > 1) this.#unread.push(arrived);
    // Empty messages never use a block up.
    if (this.#unread.length === MOST_UNREAD) this.#keepUnread();
    return arrived;
  }

  /** Moves what is unread out of the block. */
  #keepUnread(): void {
    for (const arrived of this.#unread) arrived.keep();
    this.#unread = [];
  }

  /** How a stream stands behind the messages that were just read. */
  #endOf(numbers: Float64Array): InboundMessages["end"] {
    if (numbers[0] !== FAILED) return numbers[0] === AT_END ? "end" : undefined;
    const begin = this.#used;
    this.#used += numbers[2] as number;
    return new ConnectError(this.block.toString("utf8", begin, this.#used), numbers[1] as Code);
  }

  /** Begins a new block when this one may be too full for what comes next. */
  #makeRoom(): void {
    if (BLOCK_BYTES - this.#used >= 2 * MOST_OF_ONE) return;
    this.block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#used = 0;
    // One call that takes long must not keep what came with a thousand others.
    for (const call of this.#borrowers) if (!call.isOver) call.detachHead();
    this.#borrowers = [];
    // Nor a stream whose next message is not asked for.
    this.#keepUnread();
  }
}
