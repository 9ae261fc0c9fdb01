// The size of a message where nobody else knows it: serializing it once more.
import { type DescMessage, isMessage, toBinary } from "@bufbuild/protobuf";

/**
 * The bytes of a message when it is serialized, without compression. 0 for what cannot be serialized: without a schema
 * that is everything that has no method `toBinary`. Nothing is cached, as messages can change.
 */
export function estimateMessageSize(message: unknown, schema?: DescMessage | undefined): number {
  if (typeof message !== "object" || message === null) return 0;
  try {
    if (schema !== undefined) return isMessage(message, schema) ? toBinary(schema, message).byteLength : 0;
    const serialize: unknown = Reflect.get(message, "toBinary");
    const bytes: unknown = typeof serialize === "function" ? serialize.call(message) : undefined;
    return ArrayBuffer.isView(bytes) ? bytes.byteLength : 0;
  } catch {
    // Such as a required field that is absent: whoever sends the message gets the error.
    return 0;
  }
}
