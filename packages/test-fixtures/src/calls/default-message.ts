// The messages of mock requests and responses that were given none.
import { create, type DescMessage } from "@bufbuild/protobuf";

/**
 * A message of a type that also has these fields. Its `$typeName` is not enumerable, so it equals a plain object for
 * assertions, and is a message for protobuf-es.
 *
 * @param type undefined for a plain object
 */
export function defaultMessage(type: DescMessage | undefined, fields: object = {}): object {
  if (type === undefined) return { ...fields };
  const message = Object.assign(create(type), fields);
  return Object.defineProperty(message, "$typeName", { enumerable: false });
}
