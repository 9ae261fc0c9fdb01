// Answers on their way to Rust, gathered until many can cross at once. The memory is used again each time: Rust has copied what
// it was given when the call returns.

import { Writer } from "../codec/writer.ts";
import type { EncodeInto } from "./call-port.ts";
import type { NativeServer } from "./native.ts";

const BYTES = 128 * 1024;
/** Messages are written here up to this size. */
const MOST_WRITTEN = 32 * 1024;
/** Those that have bytes of their own are copied here up to this size; a larger one crosses by itself. */
const MOST_COPIED = 8 * 1024;
/** Numbers of a record: what is answered, the call, the length of the message. */
const RECORD = 3;
const MOST_RECORDS = 256;

/** What is answered: the only message, a message of a stream, the end of a stream. */
export const Answer = { ONLY: 0, MESSAGE: 1, END: 2 } as const;

export class OutboundBatch {
  readonly #native: NativeServer;
  readonly #onFull: (call: number) => void;
  readonly #records = new Float64Array(MOST_RECORDS * RECORD);
  readonly #writer = new Writer(BYTES);
  #count = 0;
  #used = 0;
  /** Messages of streams among the records. */
  #messages = 0;
  #isWriting = false;

  /** @param onFull is told of streams whose next message has to wait */
  constructor(native: NativeServer, onFull: (call: number) => void) {
    this.#native = native;
    this.#onFull = onFull;
  }

  /** Messages of streams that wait here. */
  get waiting(): number {
    return this.#messages;
  }

  /** Adds an answer. A message that is too large to be gathered is given back, and nothing waits here before it. */
  add(answer: number, call: number, message: EncodeInto | null): Uint8Array | undefined {
    if (this.#isWriting && message !== null) return this.bytesOf(message);
    const written = this.#makeRoom();
    const bytes = message === null ? undefined : this.#write(message, written);
    if (bytes !== undefined && bytes.byteLength > MOST_COPIED) {
      this.settle();
      return bytes;
    }
    // A getter of the message may have answered others: then there may be no room for a record, and the bytes may have
    // to stand elsewhere than they were written.
    if (this.#count === MOST_RECORDS) this.settle();
    const begin = this.#used;
    if (bytes !== undefined) {
      this.#writer.bytes.set(bytes, begin);
      this.#used = begin + bytes.byteLength;
    } else if (message !== null) {
      if (begin !== written) this.#writer.bytes.copyWithin(begin, written, this.#writer.at);
      this.#used = begin + this.#writer.at - written;
    }
    const at = this.#count * RECORD;
    this.#records[at] = answer;
    this.#records[at + 1] = call;
    this.#records[at + 2] = this.#used - begin;
    this.#count += 1;
    if (answer === Answer.MESSAGE) this.#messages += 1;
    return undefined;
  }

  /** The bytes of a message, until this is used again. Nothing waits here before it. */
  bytesOf(message: EncodeInto): Uint8Array {
    this.settle();
    if (this.#isWriting) return bytesApart(message);
    const bytes = this.#write(message, 0) ?? this.#writer.bytes.subarray(0, this.#writer.at);
    // What its getters have answered comes first.
    this.settle();
    return bytes;
  }

  /** Hands over what waits. */
  settle(): void {
    if (this.#count === 0) return;
    const [count, messages] = [this.#count, this.#messages];
    this.#count = 0;
    this.#used = 0;
    this.#messages = 0;
    this.#native.settle(this.#records, this.#writer.bytes, count);
    if (messages === 0) return;
    for (let at = 0; at < count * RECORD; at += RECORD) {
      if (this.#records[at] === 1) this.#onFull(this.#records[at + 1] as number);
    }
  }

  /** Where the next message begins. */
  #makeRoom(): number {
    if (this.#count === MOST_RECORDS || this.#used + MOST_WRITTEN > BYTES) this.settle();
    return this.#used;
  }

  #write(message: EncodeInto, begin: number): Uint8Array | undefined {
    // What is written may have getters, and they may do anything: answer other calls, too.
    this.#isWriting = true;
    this.#writer.at = begin;
    this.#writer.limit = begin + MOST_WRITTEN;
    try {
      return message(this.#writer);
    } finally {
      this.#isWriting = false;
    }
  }
}

/** The bytes of a message that is to be written in the midst of another: in memory of their own. */
function bytesApart(message: EncodeInto): Uint8Array {
  const writer = new Writer(MOST_WRITTEN);
  writer.limit = MOST_WRITTEN;
  return message(writer) ?? writer.bytes.subarray(0, writer.at);
}
