// Values of any kind as attributes of a log record. The SDK drops what it does not know, without a word.
import type { AnyValue, AnyValueMap } from "@opentelemetry/api-logs";
import { isError, textOf } from "../faults/thrown.ts";
import { errorAttributes } from "./error-attributes.ts";

/** What is deeper in an object is left out. */
const MOST_LEVELS = 10;
const UNREADABLE = "[unreadable]";

/**
 * Adds the properties of an object. The first error among them is `exception.*`; of others their text is left. What
 * cannot be read is `[unreadable]`. Never throws.
 */
export function addAttributes(to: AnyValueMap, from: object): void {
  let keys: readonly string[] = [];
  try {
    keys = Object.keys(from);
  } catch {
    to["details"] = UNREADABLE;
  }
  for (const key of keys) {
    const value = propertyOf(from, key);
    if (isError(value) && to["exception.type"] === undefined) Object.assign(to, errorAttributes(value));
    else to[key] = attributeValue(value);
  }
}

/**
 * A value as an attribute: texts, numbers, booleans and bytes as they are, objects and arrays by their content, a Date
 * as ISO 8601, a Map or a Set as an array, what has `toJSON()` by that, anything else as text. Never throws.
 */
export function attributeValue(value: unknown): AnyValue {
  return textOrContentOf(value, []);
}

/** @param above the objects that the value is in */
function textOrContentOf(value: unknown, above: readonly object[]): AnyValue {
  if (value === null || value === undefined) return value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  try {
    if (typeof value !== "object") return String(value);
    return objectOf(value, above);
  } catch {
    return UNREADABLE;
  }
}

function objectOf(value: object, above: readonly object[]): AnyValue {
  if (value instanceof Uint8Array) return value;
  if (isError(value)) return `${value.name}: ${textOf(value)}`;
  if (above.includes(value)) return "[circular]";
  if (above.length >= MOST_LEVELS) return "[too deep]";
  const inside = [...above, value];
  const toJson: unknown = Reflect.get(value, "toJSON");
  if (typeof toJson === "function") return textOrContentOf(toJson.call(value), inside);
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    return Array.from<unknown, AnyValue>(value, (one) => textOrContentOf(one, inside));
  }
  const content: AnyValueMap = {};
  for (const key of Object.keys(value)) content[key] = textOrContentOf(propertyOf(value, key), inside);
  return content;
}

function propertyOf(of: object, key: string): unknown {
  try {
    return Reflect.get(of, key);
  } catch {
    return UNREADABLE;
  }
}
