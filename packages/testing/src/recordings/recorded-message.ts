// Messages of a recording, without what is marked `debug_redact`.
import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  type MessageInitShape,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { redacted } from "@connectum/interceptors/redaction";
import type { RecordedMessage } from "./recorded-call.ts";

const BINARY = "$binary";

/** @param message of this type, or an object with its fields */
export function recordedMessage(desc: DescMessage, message: unknown, registry: Registry | undefined): RecordedMessage {
  const shown = redacted(desc, create(desc, message as MessageInitShape<DescMessage>));
  try {
    return toJson(desc, shown, registry && { registry });
  } catch {
    // An Any of an unknown type, for example.
    return { [BINARY]: base64Encode(toBinary(desc, shown)) };
  }
}

/** @throws Error for what is no message of this type */
export function messageOf(desc: DescMessage, recorded: RecordedMessage, registry: Registry | undefined): Message {
  const binary = binaryOf(recorded);
  if (binary !== undefined) return fromBinary(desc, base64Decode(binary));
  // A recording may be older than the schema.
  return fromJson(desc, recorded, { ignoreUnknownFields: true, ...(registry && { registry }) });
}

function binaryOf(recorded: JsonValue): string | undefined {
  if (typeof recorded !== "object" || recorded === null || Array.isArray(recorded)) return undefined;
  const value = recorded[BINARY];
  return typeof value === "string" ? value : undefined;
}
