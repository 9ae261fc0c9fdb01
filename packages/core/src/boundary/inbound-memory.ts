// The memory that Rust writes to: records and lengths into lists of numbers, heads and messages into a block of bytes.
//
// Bytes are appended and never moved or overwritten; a block that is full is left to those who still have views of it.
// So a small call needs no buffer of its own, and nothing that a handler holds changes under it. Nothing here may be
// shared with another thread: Rust borrows it for the time of a native call.
import { Buffer } from "node:buffer";
import { type Code, ConnectError } from "@connectrpc/connect";
import { addBallast } from "./ballast.ts";
import type { InboundCallHead } from "./call-head.ts";
import { InboundBatch } from "./inbound-batch.ts";
import { InboundMessages } from "./inbound-messages.ts";
import {
  INBOUND_END,
  INBOUND_END_BYTES,
  INBOUND_RECORD,
  LENGTH_OVERSIZED,
  MAX_INLINE_BYTES,
  type NativeCalls,
  READ_CODE,
  READ_LENGTHS,
  READ_NOTHING,
  READ_STATE,
  READ_TEXT_LENGTH,
  STREAM_ENDED,
  STREAM_FAILED,
} from "./native.ts";

/** Room for some hundred small calls. */
const BLOCK_BYTES = 128 * 1024;
const MAX_RECORDS = 512;
/** The most messages of a stream in one read. */
const MAX_MESSAGES = 128;
/** The most reads that are tracked in one block. */
const MAX_TRACKED_READS = 1024;

export class InboundMemory {
  readonly #native: NativeCalls;
  readonly #records = new Float64Array(MAX_RECORDS * INBOUND_RECORD + INBOUND_END);
  readonly #numbers = new Float64Array(READ_LENGTHS + MAX_MESSAGES);
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #used = 0;
  /** What was taken last. */
  readonly batch = new InboundBatch(this.#records, this.#block);
  /** Heads in the block. Not their calls: what a call holds must go when it has ended, not when the block is full. */
  #heads: InboundCallHead[] = [];
  /** Messages in the block that may not have been parsed yet. */
  #unread: InboundMessages[] = [];

  constructor(native: NativeCalls) {
    this.#native = native;
  }

  /** Takes what waits, with at most `maxCalls` new calls. The batch is valid until the next `take`. */
  take(maxCalls: number): InboundBatch {
    this.#makeRoom();
    const begin = this.#used;
    const count = this.#native.take(maxCalls, this.#records, this.#block, begin);
    this.#used += this.#records[count * INBOUND_RECORD + INBOUND_END_BYTES] as number;
    this.batch.reset(count, this.#block, begin);
    return this.batch;
  }

  /** Has a head detached when the block is full, if its call is not over then. */
  track(head: InboundCallHead): void {
    this.#heads.push(head);
  }

  /** The request messages of a call that have arrived; null when none has. */
  read(call: number): InboundMessages | null {
    this.#makeRoom();
    const [numbers, block, begin] = [this.#numbers, this.#block, this.#used];
    const count = this.#native.read(call, numbers, block, begin);
    if (count === READ_NOTHING) return null;
    const lengths: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const length = numbers[READ_LENGTHS + at] as number;
      if (length === LENGTH_OVERSIZED) return this.#readOversized(call);
      lengths.push(length);
      this.#used += length;
    }
    const messages = new InboundMessages(block, begin, lengths, this.#endOf(numbers));
    // Not a single one: its reader parses it at once.
    if (count > 1) this.#unread.push(messages);
    // Empty messages never fill a block.
    if (this.#unread.length === MAX_TRACKED_READS) this.#detachUnread();
    return messages;
  }

  #readOversized(call: number): InboundMessages {
    const message = this.#native.oversizedMessage(call);
    // The call has ended meanwhile.
    if (message === null) return InboundMessages.ofEndedCall();
    addBallast(message.byteLength);
    return InboundMessages.single(message);
  }

  /** The end of a stream behind the messages that were just read, if it has ended. */
  #endOf(numbers: Float64Array): InboundMessages["end"] {
    if (numbers[READ_STATE] !== STREAM_FAILED) return numbers[READ_STATE] === STREAM_ENDED ? "end" : undefined;
    const begin = this.#used;
    this.#used += numbers[READ_TEXT_LENGTH] as number;
    return new ConnectError(this.#block.toString("utf8", begin, this.#used), numbers[READ_CODE] as Code);
  }

  /**
   * Begins a new block unless this one has room for more than the largest message that crosses in it. With less, Rust
   * might find that nothing fits, and the reader would wait forever.
   */
  #makeRoom(): void {
    if (BLOCK_BYTES - this.#used >= 2 * MAX_INLINE_BYTES) return;
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#used = 0;
    // One slow call must not keep the memory of a thousand others.
    for (const head of this.#heads) head.detach();
    this.#heads = [];
    // Nor a stream whose next message nobody asks for.
    this.#detachUnread();
  }

  #detachUnread(): void {
    for (const messages of this.#unread) messages.detach();
    this.#unread = [];
  }
}
