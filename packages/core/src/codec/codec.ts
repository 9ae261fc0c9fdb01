// Messages to bytes and back, by protobuf-es: the input and the output of one method, in both formats.
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJsonString,
  type Message,
  type MessageInitShape,
  ScalarType,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ResolvedMethodOptions } from "../options/method-options.ts";
import { compileEncoder, type Encoder } from "./compile.ts";
import { largeWriters, type Writer } from "./writer.ts";

/** Bytes that are not UTF-8 must not be repaired into some other text. */
const utf8Decoder = new TextDecoder("utf-8", { fatal: true });
const utf8Encoder = new TextEncoder();

/** Reads the requests and writes the responses of one method. */
export class Codec {
  readonly #input: DescMessage;
  readonly #output: DescMessage;
  /** Whether a message that was read may look at the bytes it was read from, at a depth where that is not seen. */
  readonly #aliases: boolean;
  readonly #encoder: Encoder | undefined;
  readonly #options: ResolvedMethodOptions;
  readonly #jsonOptions: ResolvedMethodOptions["jsonOptions"];

  constructor(method: DescMethod, options: ResolvedMethodOptions) {
    this.#input = method.input;
    this.#output = method.output;
    this.#options = options;
    this.#encoder = compileEncoder(method.output);
    this.#aliases = method.input.fields.some(
      ({ scalar, message }) => scalar === ScalarType.BYTES || message !== undefined,
    );
    // Connect's default: a client with a newer schema is understood.
    this.#jsonOptions = { ignoreUnknownFields: true, ...options.jsonOptions };
  }

  /**
   * @param isShared whether the memory has other things in it: no message may then keep a look at it
   * @throws ConnectError `invalid_argument` for bytes that are no message
   */
  parse(bytes: Uint8Array, json: boolean, isShared = false): Message {
    if (json) return this.#parseJson(bytes);
    try {
      if (!isShared) return fromBinary(this.#input, bytes, this.#options.binaryOptions);
      if (this.#aliases) return fromBinary(this.#input, bytes.slice(), this.#options.binaryOptions);
      const message = fromBinary(this.#input, bytes, this.#options.binaryOptions);
      // Unknown fields are kept as the bytes they are.
      if (message.$unknown === undefined) return message;
      return fromBinary(this.#input, bytes.slice(), this.#options.binaryOptions);
    } catch (error) {
      throw new ConnectError(`parse binary: ${text(error)}`, Code.InvalidArgument);
    }
  }

  #parseJson(bytes: Uint8Array): Message {
    let json: string;
    try {
      json = utf8Decoder.decode(bytes);
    } catch {
      throw new ConnectError("the JSON message is not valid UTF-8", Code.InvalidArgument);
    }
    try {
      return fromJsonString(this.#input, json, this.#jsonOptions);
    } catch (error) {
      throw new ConnectError(text(error), Code.InvalidArgument);
    }
  }

  /**
   * Writes to the writer if it can; undefined then. Else gives the bytes, which may be used again when the next message is written.
   *
   * @param value what the handler gave: a message, or an object to make one of
   * @throws TypeError for anything else; ConnectError `resource_exhausted` for more than `writeMaxBytes`
   */
  serialize(value: unknown, json: boolean, writer: Writer): Uint8Array | undefined {
    const before = writer.at;
    const bytes = json ? this.#serializeJson(value, writer) : this.#serializeBinary(value, writer);
    const size = bytes === undefined ? writer.at - before : bytes.byteLength;
    const { writeMaxBytes } = this.#options;
    if (size > writeMaxBytes) {
      throw new ConnectError(
        `message size ${size} is larger than configured writeMaxBytes ${writeMaxBytes}`,
        Code.ResourceExhausted,
      );
    }
    return bytes;
  }

  #serializeJson(value: unknown, writer: Writer): Uint8Array | undefined {
    const text = toJsonString(this.#output, this.toMessage(value), this.#jsonOptions);
    if (writer.text(text)) return undefined;
    for (const large of largeWriters()) if (large.text(text)) return large.written;
    return utf8Encoder.encode(text);
  }

  #serializeBinary(value: unknown, writer: Writer): Uint8Array | undefined {
    const response = this.#assertResponse(value);
    const encode = this.#encoder;
    if (encode !== undefined) {
      let outcome = encode(response, writer);
      if (outcome === "written") return undefined;
      if (outcome === "short") {
        for (const large of largeWriters()) {
          outcome = encode(response, large);
          if (outcome === "written") return large.written;
          if (outcome === "left") break;
        }
      }
    }
    return toBinary(this.#output, this.toMessage(value), this.#options.binaryOptions);
  }

  /**
   * A response as a message: made of an object, if it is none yet.
   *
   * @throws TypeError for anything else
   */
  toMessage(value: unknown): Message {
    const response = this.#assertResponse(value);
    return "$typeName" in response && response.$typeName !== undefined
      ? (response as Message)
      : create(this.#output, response as MessageInitShape<DescMessage>);
  }

  #assertResponse(value: unknown): object {
    const { typeName } = this.#output;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(`the handler gave ${kindOf(value)} where a ${typeName} belongs`);
    }
    const given = (value as Partial<Message>).$typeName;
    if (given !== undefined && given !== typeName) {
      throw new TypeError(`the handler gave a ${given} where a ${typeName} belongs`);
    }
    return value;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
