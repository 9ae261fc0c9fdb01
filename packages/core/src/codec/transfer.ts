// Passes messages from one part of a process to another as if they were sent: the receiver gets a message of its own,
// which nobody can tell from a parsed one.
import {
  type BinaryReadOptions,
  type BinaryWriteOptions,
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Copier, compileCopier } from "./copy.ts";

/** The two ends of a transfer, and what may pass. */
export interface TransferOptions {
  /** The type as the sender knows it. */
  readonly from: DescMessage;
  /** The type as the receiver knows it: the same, or that of other generated code. */
  readonly to: DescMessage;
  readonly writeOptions?: Partial<BinaryWriteOptions>;
  readonly readOptions?: Partial<BinaryReadOptions>;
  /** The largest message, in bytes when it is serialized. */
  readonly maxBytes: number;
  /** The error for a larger one. */
  readonly tooLarge: (bytes: number) => Error;
}

/** Passes messages of one type. */
export class Transfer {
  readonly #options: TransferOptions;
  /** Undefined if messages have to be serialized and parsed. */
  readonly #copy: Copier | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#copy = options.from === options.to ? compileCopier(options.from) : undefined;
  }

  /**
   * The message that the receiver gets.
   *
   * @param value a message, or a plain object as `create()` takes it
   * @throws the error of protobuf-es for a value that cannot be serialized or parsed; `tooLarge`
   */
  pass(value: object): Message {
    const { maxBytes } = this.#options;
    const copy = this.#copy?.(value);
    return copy !== undefined && copy.maxBytes <= maxBytes ? copy.message : this.#serialize(value);
  }

  #serialize(value: object): Message {
    const { from, to, writeOptions, readOptions, maxBytes, tooLarge } = this.#options;
    const bytes = toBinary(from, create(from, value as MessageInitShape<DescMessage>), writeOptions);
    if (bytes.byteLength > maxBytes) throw tooLarge(bytes.byteLength);
    return fromBinary(to, bytes, readOptions);
  }
}
