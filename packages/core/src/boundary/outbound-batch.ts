// Responses on their way to Rust, gathered until many can cross at once. The memory is reused: Rust has copied what it
// was given when the native call returns.
import { Writer } from "../codec/writer.ts";
import type { Outbound } from "./call-port.ts";
import {
  KIND_MESSAGE,
  type NativeCalls,
  OUTBOUND_CALL,
  OUTBOUND_KIND,
  OUTBOUND_LENGTH,
  OUTBOUND_RECORD,
} from "./native.ts";

/** The size of the memory. */
const BYTES = 128 * 1024;
/** Messages up to this size are encoded in place. */
const MAX_ENCODED_BYTES = 32 * 1024;
/** Messages that have bytes of their own are copied up to this size; a larger one crosses by itself. */
const MAX_COPIED_BYTES = 8 * 1024;
const MAX_RECORDS = 256;

export class OutboundBatch {
  readonly #native: NativeCalls;
  readonly #onFull: (call: number) => void;
  readonly #records = new Float64Array(MAX_RECORDS * OUTBOUND_RECORD);
  readonly #writer = new Writer(BYTES);
  #count = 0;
  #used = 0;
  /** Messages of streams among the records. */
  #messages = 0;
  /** A message is being encoded; its getters may add others. */
  #isEncoding = false;

  /** @param onFull called for each stream that has to wait before its next message */
  constructor(native: NativeCalls, onFull: (call: number) => void) {
    this.#native = native;
    this.#onFull = onFull;
  }

  /** The number of messages of streams that wait here. */
  get waiting(): number {
    return this.#messages;
  }

  /**
   * Adds a response.
   *
   * The message is encoded straight into the memory that crosses, which saves a buffer for each: so it comes as the
   * handler gave it.
   *
   * @param kind `KIND_ONLY_MESSAGE`, `KIND_MESSAGE` or `KIND_END`
   * @returns the bytes of a message that is too large to be gathered; everything before it has been submitted
   */
  add(kind: number, call: number, message: Outbound | null): Uint8Array | undefined {
    if (this.#isEncoding && message !== null) return this.bytesOf(message);
    const encodedAt = this.#makeRoom();
    const bytes = message === null ? undefined : this.#encode(message, encodedAt);
    if (bytes !== undefined && bytes.byteLength > MAX_COPIED_BYTES) {
      this.submit();
      return bytes;
    }
    // A getter of the message may have responded to other calls: then there may be no room for a record, and the bytes
    // may have to move.
    if (this.#count === MAX_RECORDS) this.submit();
    const begin = this.#used;
    if (bytes !== undefined) {
      this.#writer.bytes.set(bytes, begin);
      this.#used = begin + bytes.byteLength;
    } else if (message !== null) {
      if (begin !== encodedAt) this.#writer.bytes.copyWithin(begin, encodedAt, this.#writer.at);
      this.#used = begin + this.#writer.at - encodedAt;
    }
    const at = this.#count * OUTBOUND_RECORD;
    this.#records[at + OUTBOUND_KIND] = kind;
    this.#records[at + OUTBOUND_CALL] = call;
    this.#records[at + OUTBOUND_LENGTH] = this.#used - begin;
    this.#count += 1;
    if (kind === KIND_MESSAGE) this.#messages += 1;
    return undefined;
  }

  /** The bytes of a message, valid until the next use of this batch. Everything before it is submitted. */
  bytesOf(message: Outbound): Uint8Array {
    this.submit();
    if (this.#isEncoding) return encodeSeparately(message);
    const bytes = this.#encode(message, 0) ?? this.#writer.bytes.subarray(0, this.#writer.at);
    // Responses that its getters have made go first.
    this.submit();
    return bytes;
  }

  /** Hands over what waits. */
  submit(): void {
    if (this.#count === 0) return;
    const [count, messages] = [this.#count, this.#messages];
    this.#count = 0;
    this.#used = 0;
    this.#messages = 0;
    this.#native.submit(this.#records, this.#writer.bytes, count);
    if (messages === 0) return;
    for (let at = 0; at < count * OUTBOUND_RECORD; at += OUTBOUND_RECORD) {
      if (this.#records[at + OUTBOUND_KIND] === 1) this.#onFull(this.#records[at + OUTBOUND_CALL] as number);
    }
  }

  /** Makes room for one more message; returns where it begins. */
  #makeRoom(): number {
    if (this.#count === MAX_RECORDS || this.#used + MAX_ENCODED_BYTES > BYTES) this.submit();
    return this.#used;
  }

  #encode(message: Outbound, begin: number): Uint8Array | undefined {
    // A message may have getters, and they may do anything: respond to other calls, too.
    this.#isEncoding = true;
    this.#writer.at = begin;
    this.#writer.limit = begin + MAX_ENCODED_BYTES;
    try {
      return message.encodeInto(this.#writer);
    } finally {
      this.#isEncoding = false;
    }
  }
}

/** The bytes of a message that a getter of another one sends, in memory of their own. */
function encodeSeparately(message: Outbound): Uint8Array {
  const writer = new Writer(MAX_ENCODED_BYTES);
  writer.limit = MAX_ENCODED_BYTES;
  return message.encodeInto(writer) ?? writer.bytes.subarray(0, writer.at);
}
