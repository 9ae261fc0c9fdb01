// Parses the requests and serializes the responses of one method, in both formats of protobuf.
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

/** Fatal, as bytes that are not UTF-8 must not be turned into another text. */
const utf8Decoder = new TextDecoder("utf-8", { fatal: true });
const utf8Encoder = new TextEncoder();

/** The codec of one method. */
export class Codec {
  readonly #input: DescMessage;
  readonly #output: DescMessage;
  /** Whether a parsed message may keep views of its input: `bytes` fields, its own or nested. */
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
    // Connect's default, so that clients may have a newer schema.
    this.#jsonOptions = { ignoreUnknownFields: true, ...options.jsonOptions };
  }

  /**
   * @param isShared whether the memory holds other things too: the message must not keep a view of it then
   * @throws ConnectError `invalid_argument` for invalid bytes
   */
  parse(bytes: Uint8Array, json: boolean, isShared = false): Message {
    if (json) return this.#parseJson(bytes);
    try {
      if (!isShared) return fromBinary(this.#input, bytes, this.#options.binaryOptions);
      if (this.#aliases) return fromBinary(this.#input, bytes.slice(), this.#options.binaryOptions);
      const message = fromBinary(this.#input, bytes, this.#options.binaryOptions);
      // Unknown fields are kept as views of the input.
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
   * Writes a response to the writer and returns undefined, or returns the bytes, which are valid until the next call.
   *
   * @param value what the handler returned: a message, or a plain object as `create()` takes it
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
    const response = this.assertResponse(value);
    const encode = this.#encoder;
    if (encode !== undefined) {
      let outcome = encode(response, writer);
      if (outcome === "written") return undefined;
      if (outcome === "short") {
        // Too large to gather with other responses.
        for (const large of largeWriters()) {
          outcome = encode(response, large);
          if (outcome === "written") return large.written;
          if (outcome === "delegated") break;
        }
      }
    }
    return toBinary(this.#output, this.toMessage(value), this.#options.binaryOptions);
  }

  /**
   * A response as a message: a plain object is made into one.
   *
   * @throws TypeError for anything else
   */
  toMessage(value: unknown): Message {
    const response = this.assertResponse(value);
    return "$typeName" in response && response.$typeName !== undefined
      ? (response as Message)
      : create(this.#output, response as MessageInitShape<DescMessage>);
  }

  /** @throws TypeError for anything that is neither a message of the method nor a plain object */
  assertResponse(value: unknown): object {
    const { typeName } = this.#output;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(`the handler gave ${kindOf(value)} instead of a ${typeName}`);
    }
    const given = (value as Partial<Message>).$typeName;
    if (given !== undefined && given !== typeName) {
      throw new TypeError(`the handler gave a ${given} instead of a ${typeName}`);
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
