// A message that a handler gave. It is checked and encoded by the port, straight into the memory that crosses to Rust.
import type { Outbound } from "../boundary/call-port.ts";
import type { Codec } from "../codec/codec.ts";
import type { Writer } from "../codec/writer.ts";

export class HandlerMessage implements Outbound {
  /** A message, or a plain object as `create()` takes it, if the handler does what its type says. */
  readonly value: unknown;
  readonly codec: Codec;
  /** Its size when it is encoded. Undefined before, and in process, where it is not. */
  bytes: number | undefined = undefined;
  readonly #json: boolean;

  constructor(codec: Codec, value: unknown, json: boolean) {
    this.codec = codec;
    this.value = value;
    this.#json = json;
  }

  /** @throws whatever `Codec.serialize` throws */
  encodeInto(writer: Writer): Uint8Array | undefined {
    const before = writer.at;
    const encoded = this.codec.serialize(this.value, this.#json, writer);
    this.bytes = encoded === undefined ? writer.at - before : encoded.byteLength;
    return encoded;
  }
}
