// Memory that messages are written to, and the scalars of protobuf's wire format in it.
import { Buffer } from "node:buffer";

/** Strings up to this length are written character by character: a call into the runtime would cost more. */
const SHORT_STRING = 48;
/** A UTF-16 code unit takes at most three bytes of UTF-8. */
const MOST_UTF8 = 3;

/** Thrown for a message that protobuf-es has to write. Made once, as nobody sees it. */
export const DELEGATED = new Error("delegated to protobuf-es");
/** Thrown when there is not enough room. */
export const SHORT = new Error("no room");

/**
 * Sizes of the writers for messages that are too large to be gathered, in bytes. Each is made once, when it is needed.
 */
const LARGE_SIZES = [256 * 1024, 2 * 1024 * 1024, 8 * 1024 * 1024];
const large: Writer[] = [];
let isInUse = false;

/**
 * Writers for a large message, the smallest first. The content of one is valid until the next use. There are none for a
 * message that is encoded by a getter of another.
 *
 * A new buffer for each message would be garbage at once: V8 marks its whole heap for every 64 MiB of those.
 */
export function* largeWriters(): Generator<Writer> {
  if (isInUse) return;
  isInUse = true;
  try {
    for (const [index, size] of LARGE_SIZES.entries()) {
      large[index] ??= new Writer(size);
      const writer = large[index];
      writer.at = 0;
      writer.limit = size;
      yield writer;
    }
  } finally {
    isInUse = false;
  }
}

export class Writer {
  readonly bytes: Buffer;
  readonly #view: DataView;
  /** Where the next byte goes. */
  at = 0;
  /**
   * Where writing has to end. Checked after each field: a few bytes may go beyond, into memory that is still unused.
   */
  limit = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, size);
  }

  /** Everything that has been written. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** @throws SHORT unless there is room for `count` bytes */
  need(count: number): void {
    if (this.at + count > this.limit) throw SHORT;
  }

  /** @throws SHORT when more has been written than there is room for */
  check(): void {
    if (this.at > this.limit) throw SHORT;
  }

  /** An unsigned integer of 32 bits. */
  varint32(value: number): void {
    const { bytes } = this;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  /** A signed integer of 32 bits; a negative one is sign-extended to 64. */
  int32(value: number): void {
    if (value >= 0) this.varint32(value);
    else this.varint64(value | 0, -1);
  }

  sint32(value: number): void {
    this.varint32((value << 1) ^ (value >> 31));
  }

  /** An integer of 64 bits, in two halves. */
  varint64(low: number, high: number): void {
    const { bytes } = this;
    let [lo, hi] = [low >>> 0, high >>> 0];
    while (hi > 0 || lo > 0x7f) {
      bytes[this.at++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    bytes[this.at++] = lo;
  }

  fixed32(value: number): void {
    this.need(4);
    this.#view.setUint32(this.at, value, true);
    this.at += 4;
  }

  fixed64(low: number, high: number): void {
    this.need(8);
    this.#view.setInt32(this.at, low, true);
    this.#view.setInt32(this.at + 4, high, true);
    this.at += 8;
  }

  float(value: number): void {
    this.need(4);
    this.#view.setFloat32(this.at, value, true);
    this.at += 4;
  }

  double(value: number): void {
    this.need(8);
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** The length of bytes, then the bytes. */
  lengthAndBytes(value: Uint8Array): void {
    this.varint32(value.byteLength);
    this.need(value.byteLength);
    this.bytes.set(value, this.at);
    this.at += value.byteLength;
  }

  /** The length of a text as UTF-8, then the text. A lone surrogate becomes U+FFFD, as in TextEncoder. */
  lengthAndText(value: string): void {
    const { length } = value;
    const before = this.at;
    this.need(length * MOST_UTF8 + 5);
    if (length <= SHORT_STRING) {
      const { bytes } = this;
      bytes[before] = length;
      let at = before + 1;
      for (let index = 0; index < length; index += 1) {
        const code = value.charCodeAt(index);
        if (code > 0x7f) {
          this.#utf8(value);
          return;
        }
        bytes[at++] = code;
      }
      this.at = at;
    } else {
      this.#utf8(value);
    }
  }

  /** Text as UTF-8; false when there may not be room. */
  text(value: string): boolean {
    if (this.at + value.length * MOST_UTF8 > this.limit) return false;
    this.at += this.bytes.write(value, this.at, "utf8");
    return true;
  }

  /** Starts something that is preceded by its length; returns the argument for `join`. */
  fork(): number {
    this.at += 1;
    return this.at;
  }

  /** Writes the length of what was started at `begin`, for which one byte was reserved. */
  join(begin: number): void {
    this.check();
    this.#lengthBefore(begin, this.at - begin);
  }

  #utf8(value: string): void {
    const begin = this.fork();
    // The caller has checked that there is room.
    const written = this.bytes.write(value, begin, "utf8");
    this.at = begin + written;
    this.#lengthBefore(begin, written);
  }

  #lengthBefore(begin: number, length: number): void {
    if (length < 0x80) {
      this.bytes[begin - 1] = length;
      return;
    }
    let size = 2;
    for (let rest = length >>> 14; rest > 0; rest >>>= 7) size += 1;
    this.need(size);
    this.bytes.copyWithin(begin - 1 + size, begin, begin + length);
    this.at = begin - 1;
    this.varint32(length);
    this.at += length;
  }
}
