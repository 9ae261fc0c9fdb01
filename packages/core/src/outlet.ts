// Answers on their way to Rust, gathered until many can cross at once. The memory is used again each time: Rust has copied what
// it was given when the call returns.
import { Buffer } from "node:buffer";
import type { NativeServer } from "./native.ts";

const BYTES = 64 * 1024;
/** A larger message crosses by itself. */
const MOST_OF_ONE = 8 * 1024;
/** Numbers of a record: what is answered, the call, the length of the message. */
const RECORD = 3;
const MOST_RECORDS = 256;

/** What is answered: the only message, a message of a stream, the end of a stream. */
export const Answer = { ONLY: 0, MESSAGE: 1, END: 2 } as const;

export class Outlet {
  readonly #native: NativeServer;
  readonly #onFull: (call: number) => void;
  readonly #records = new Float64Array(MOST_RECORDS * RECORD);
  readonly #bytes = Buffer.allocUnsafeSlow(BYTES);
  #count = 0;
  #used = 0;
  /** Messages of streams among the records. */
  #messages = 0;

  /** @param onFull is told of streams whose next message has to wait */
  constructor(native: NativeServer, onFull: (call: number) => void) {
    this.#native = native;
    this.#onFull = onFull;
  }

  /** Messages of streams that wait here. */
  get waiting(): number {
    return this.#messages;
  }

  /** Adds an answer; false for a message that is too large to be gathered. Then nothing waits here before it. */
  add(answer: number, call: number, message: Uint8Array | null): boolean {
    const length = message === null ? 0 : message.byteLength;
    if (length > MOST_OF_ONE) {
      this.settle();
      return false;
    }
    if (this.#count === MOST_RECORDS || this.#used + length > BYTES) this.settle();
    const at = this.#count * RECORD;
    this.#records[at] = answer;
    this.#records[at + 1] = call;
    this.#records[at + 2] = length;
    if (message !== null) this.#bytes.set(message, this.#used);
    this.#used += length;
    this.#count += 1;
    if (answer === Answer.MESSAGE) this.#messages += 1;
    return true;
  }

  /** Hands over what waits. */
  settle(): void {
    if (this.#count === 0) return;
    const [count, messages] = [this.#count, this.#messages];
    this.#count = 0;
    this.#used = 0;
    this.#messages = 0;
    this.#native.settle(this.#records, this.#bytes, count);
    if (messages === 0) return;
    for (let at = 0; at < count * RECORD; at += RECORD) {
      if (this.#records[at] === 1) this.#onFull(this.#records[at + 1] as number);
    }
  }
}
