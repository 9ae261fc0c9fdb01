// Messages of a recording, without what is marked `debug_redact`.
import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonReadOptions,
  type JsonValue,
  type Message,
  type MessageInitShape,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { isPlainObject } from "@connectum/hooks";
import { redacted, withoutRedacted } from "@connectum/interceptors/redaction";
import type { RecordedMessage } from "./recorded-call.ts";

export const BINARY = "$binary";
const UNRECORDED = "$unrecorded";

/**
 * @param message of this type, or an object with its fields
 * @throws Error for one that cannot be written, such as one without a `required` field
 */
export function recordedMessage(desc: DescMessage, message: unknown, registry: Registry | undefined): RecordedMessage {
  return encoded(desc, redacted(desc, created(desc, message)), registry);
}

/** What of a message is compared: the rest of it is redacted. Throws as `recordedMessage()`. */
export function comparedMessage(desc: DescMessage, message: unknown, registry: Registry | undefined): RecordedMessage {
  return encoded(desc, withoutRedacted(desc, created(desc, message)), registry);
}

/** The same of a recorded message. One that is none of this type is compared as it is. */
export function comparedRecording(
  desc: DescMessage,
  recorded: RecordedMessage,
  registry: Registry | undefined,
): RecordedMessage {
  try {
    return comparedMessage(desc, decoded(desc, recorded, registry), registry);
  } catch {
    return recorded;
  }
}

function created(desc: DescMessage, message: unknown): Message {
  return create(desc, message as MessageInitShape<DescMessage>);
}

function encoded(desc: DescMessage, message: Message, registry: Registry | undefined): RecordedMessage {
  try {
    return toJson(desc, message, registry && { registry });
  } catch {
    // An Any of an unknown type, for example.
    return { [BINARY]: base64Encode(toBinary(desc, message)) };
  }
}

/** What stands for a message that could not be recorded. */
export function unrecorded(reason: unknown): RecordedMessage {
  return { [UNRECORDED]: reason instanceof Error ? reason.message : String(reason) };
}

/** @throws Error for what is no message of this type, and for one that could not be recorded */
export function messageOf(desc: DescMessage, recorded: RecordedMessage, registry: Registry | undefined): Message {
  const reason = textOf(recorded, UNRECORDED);
  if (reason !== undefined) throw new Error(`it could not be recorded: ${reason}`);
  // A recording may be older than the schema.
  return decoded(desc, recorded, registry, { ignoreUnknownFields: true });
}

function decoded(
  desc: DescMessage,
  recorded: RecordedMessage,
  registry: Registry | undefined,
  options: Partial<JsonReadOptions> = {},
): Message {
  const binary = textOf(recorded, BINARY);
  if (binary !== undefined) return fromBinary(desc, base64Decode(binary));
  return fromJson(desc, recorded, { ...options, ...(registry && { registry }) });
}

function textOf(recorded: JsonValue, key: string): string | undefined {
  const value: unknown = isPlainObject(recorded) ? Reflect.get(recorded, key) : undefined;
  return typeof value === "string" ? value : undefined;
}
