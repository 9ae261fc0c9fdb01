// Request messages of a stream that have arrived, not parsed yet.
import { Code, ConnectError } from "@connectrpc/connect";

export class Arrived {
  /** How the stream goes on behind these messages; undefined while it is open. */
  readonly end: "end" | ConnectError | undefined;
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #lengths: readonly number[];
  #next = 0;

  /**
   * @param bytes the messages behind each other, from `at` on, among bytes of others; or the only message, whose length is then
   * negative, in memory of its own
   */
  constructor(bytes: Uint8Array, at: number, lengths: readonly number[], end: "end" | ConnectError | undefined) {
    this.#bytes = bytes;
    this.#at = at;
    this.#lengths = lengths;
    this.end = end;
  }

  /** What there is to read of a call that is over. */
  static nothing(): Arrived {
    return new Arrived(new Uint8Array(), 0, [], new ConnectError("the call is over", Code.Canceled));
  }

  /** Whether there is one more message. */
  get hasNext(): boolean {
    return this.#next < this.#lengths.length;
  }

  /** Gives the next message to `use`: where it is, and whether others are in the same memory. */
  take<T>(use: (bytes: Uint8Array, isShared: boolean) => T): T {
    const length = this.#lengths[this.#next] as number;
    this.#next += 1;
    if (length < 0) return use(this.#bytes, false);
    const begin = this.#at;
    this.#at += length;
    return use(new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + begin, length), true);
  }
}
