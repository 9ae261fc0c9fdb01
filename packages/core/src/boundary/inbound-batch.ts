// The records of one `NativeCalls.take`, read one after the other. Each column is decoded here and nowhere else.
import type { Buffer } from "node:buffer";
import { InboundCallHead } from "./call-head.ts";
import {
  INBOUND_CALL,
  INBOUND_CODE,
  INBOUND_END_MORE,
  INBOUND_FLAGS,
  INBOUND_KIND,
  INBOUND_LEVEL,
  INBOUND_LISTENER,
  INBOUND_MESSAGE_LENGTH,
  INBOUND_METHOD,
  INBOUND_RECORD,
  INBOUND_TEXT_LENGTH,
  INBOUND_TIMEOUT,
  LENGTH_ABSENT,
  LENGTH_OVERSIZED,
  NO_DEADLINE,
} from "./native.ts";

/** One object for all batches: `next` goes to the next record, and the properties are those of the current one. */
export class InboundBatch {
  /** One of the `KIND_` constants. */
  kind = 0;
  /** The number of the call. */
  call = 0;
  /** Whether head and message are too large to cross with others: `NativeCalls.oversizedCall` returns them. */
  isOversized = false;
  /** When the batch was taken, in milliseconds of `performance.now()`. */
  takenAt = 0;

  readonly #records: Float64Array;
  #block: Buffer;
  #count = 0;
  #next = 0;
  /** Where the current record begins. */
  #at = 0;
  #textBegin = 0;
  #textEnd = 0;
  /** Where the bytes of the current record end. */
  #end = 0;

  /** @param records the memory that `NativeCalls.take` writes records to */
  constructor(records: Float64Array, block: Buffer) {
    this.#records = records;
    this.#block = block;
  }

  /** Goes before the first of `count` records, whose bytes are in `block` from `begin` on. */
  reset(count: number, block: Buffer, begin: number): void {
    // Kept for the whole batch: a handler may read meanwhile, which writes behind the batch, or begins another block.
    this.#block = block;
    this.#count = count;
    this.#next = 0;
    this.#end = begin;
    this.takenAt = performance.now();
  }

  /** Whether more waits in Rust than was taken. */
  get hasMore(): boolean {
    return this.#records[this.#count * INBOUND_RECORD + INBOUND_END_MORE] === 1;
  }

  /** Goes to the next record; false behind the last one. */
  next(): boolean {
    if (this.#next === this.#count) return false;
    const at = this.#next * INBOUND_RECORD;
    this.#next += 1;
    this.#at = at;
    const records = this.#records;
    this.kind = records[at + INBOUND_KIND] as number;
    this.call = records[at + INBOUND_CALL] as number;
    const textLength = records[at + INBOUND_TEXT_LENGTH] as number;
    this.isOversized = textLength === LENGTH_OVERSIZED;
    this.#textBegin = this.#end;
    this.#textEnd = this.#textBegin + Math.max(0, textLength);
    this.#end = this.#textEnd + Math.max(0, records[at + INBOUND_MESSAGE_LENGTH] as number);
    return true;
  }

  /** The index of the method that is called. */
  get method(): number {
    return this.#records[this.#at + INBOUND_METHOD] as number;
  }

  /** Codec, protocol and verb, see {@link InboundCallHead}. */
  get flags(): number {
    return this.#records[this.#at + INBOUND_FLAGS] as number;
  }

  /** Milliseconds until the deadline; undefined without one. */
  get timeoutMs(): number | undefined {
    const timeout = this.#records[this.#at + INBOUND_TIMEOUT] as number;
    return timeout === NO_DEADLINE ? undefined : timeout;
  }

  /** The status code of an aborted call. */
  get code(): number {
    return this.#records[this.#at + INBOUND_CODE] as number;
  }

  /** The level of a log message: `LOG_WARN` or `LOG_ERROR`. */
  get level(): number {
    return this.#records[this.#at + INBOUND_LEVEL] as number;
  }

  /** The position of the listener whose certificates have changed. */
  get listener(): number {
    return this.#records[this.#at + INBOUND_LISTENER] as number;
  }

  /** Why changed certificates are not used: a code and a text, on two lines. Undefined if they are. */
  get tlsFailure(): string | undefined {
    return this.#records[this.#at + INBOUND_TEXT_LENGTH] === LENGTH_ABSENT ? undefined : this.text;
  }

  /** The head of a call; it is decoded on first use. */
  get head(): InboundCallHead {
    return new InboundCallHead(this.flags, this.#block, this.#textBegin, this.#textEnd);
  }

  /** The head of a plain HTTP request. */
  get requestHead(): string {
    return this.#block.toString("latin1", this.#textBegin, this.#textEnd);
  }

  /** The reason of an abort, or a log message. */
  get text(): string {
    return this.#block.toString("utf8", this.#textBegin, this.#textEnd);
  }

  /** The message of a call, in memory that holds other things too; null when the client sends a stream. */
  get message(): Uint8Array | null {
    if (this.#records[this.#at + INBOUND_MESSAGE_LENGTH] === LENGTH_ABSENT) return null;
    const { buffer, byteOffset } = this.#block;
    return new Uint8Array(buffer, byteOffset + this.#textEnd, this.#end - this.#textEnd);
  }
}
