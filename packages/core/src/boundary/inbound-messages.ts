// Request messages of a stream that have arrived, not parsed yet.
import { Code, ConnectError } from "@connectrpc/connect";

const NO_BYTES = new Uint8Array();

export class InboundMessages {
  /** How the stream goes on behind these messages; undefined while it is open. */
  readonly end: "end" | ConnectError | undefined;
  #bytes: Uint8Array;
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
  static nothing(): InboundMessages {
    return new InboundMessages(NO_BYTES, 0, [], new ConnectError("the call is over", Code.Canceled));
  }

  /** Whether there is one more message. */
  get hasNext(): boolean {
    return this.#next < this.#lengths.length;
  }

  /** Gives the next message to `use`: where it is, and whether others are in the same memory. */
  take<T>(use: (bytes: Uint8Array, isShared: boolean) => T): T {
    const bytes = this.#bytes;
    const length = this.#lengths[this.#next] as number;
    this.#next += 1;
    // A stream may wait long for its next message, and what it holds must not keep what came with others.
    if (!this.hasNext) this.#bytes = NO_BYTES;
    if (length < 0) return use(bytes, false);
    const begin = this.#at;
    this.#at += length;
    return use(new Uint8Array(bytes.buffer, bytes.byteOffset + begin, length), true);
  }

  /** Lets go of memory in which there are bytes of others. */
  keep(): void {
    if (!this.hasNext || (this.#lengths[this.#next] as number) < 0) return;
    let size = 0;
    for (let at = this.#next; at < this.#lengths.length; at += 1) size += this.#lengths[at] as number;
    // `slice` of a Buffer would be another look at the same memory.
    this.#bytes = new Uint8Array(this.#bytes.subarray(this.#at, this.#at + size));
    this.#at = 0;
  }
}
