// Request messages of a stream that have arrived and are not parsed yet.
import { Code, ConnectError } from "@connectrpc/connect";
import type { Arrived } from "./arrived.ts";

const NO_BYTES = new Uint8Array();

export class InboundMessages implements Arrived {
  readonly end: "end" | ConnectError | undefined;
  #bytes: Uint8Array;
  #at: number;
  readonly #lengths: readonly number[];
  #isShared: boolean;
  #next = 0;

  /**
   * @param bytes memory with the messages one behind the other, from `at` on
   * @param isShared whether the memory holds other things too
   */
  constructor(
    bytes: Uint8Array,
    at: number,
    lengths: readonly number[],
    end: "end" | ConnectError | undefined,
    isShared = true,
  ) {
    this.#bytes = bytes;
    this.#at = at;
    this.#lengths = lengths;
    this.end = end;
    this.#isShared = isShared;
  }

  /** One message, in memory of its own. */
  static single(message: Uint8Array): InboundMessages {
    return new InboundMessages(message, 0, [message.byteLength], undefined, false);
  }

  /** The messages of a call that is over: none, and the error `canceled`. */
  static ofEndedCall(): InboundMessages {
    return new InboundMessages(NO_BYTES, 0, [], new ConnectError("the call is over", Code.Canceled));
  }

  get hasNext(): boolean {
    return this.#next < this.#lengths.length;
  }

  take<T>(use: (bytes: Uint8Array, isShared: boolean) => T): T {
    const bytes = this.#bytes;
    const length = this.#lengths[this.#next] as number;
    const isShared = this.#isShared;
    this.#next += 1;
    // A stream may wait long for its next message, and must not keep the memory of others meanwhile.
    if (!this.hasNext) this.#bytes = NO_BYTES;
    const begin = this.#at;
    this.#at += length;
    return use(isShared ? new Uint8Array(bytes.buffer, bytes.byteOffset + begin, length) : bytes, isShared);
  }

  /** Copies what is not parsed yet out of shared memory. */
  detach(): void {
    if (!this.hasNext || !this.#isShared) return;
    let size = 0;
    for (let at = this.#next; at < this.#lengths.length; at += 1) size += this.#lengths[at] as number;
    // `slice` of a Buffer would be another view of the same memory.
    this.#bytes = new Uint8Array(this.#bytes.subarray(this.#at, this.#at + size));
    this.#at = 0;
  }
}
