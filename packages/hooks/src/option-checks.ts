// Checks of single options. An error says which option is wrong, what it may be, and what it is.
import { isPlainObject, shown } from "./shown.ts";

/**
 * @param where names the options in errors: `createServer`, or a service
 * @throws TypeError unless `value` is a number; RangeError unless it is an integer from `min` to `max`
 */
export function assertInteger(where: string, option: string, value: unknown, min: number, max: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
  const message = `${where}: ${option} must be an integer from ${min} to ${max}, not ${shown(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** @throws TypeError unless `value` is true, false, or absent */
export function assertBoolean(where: string, option: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`${where}: ${option} must be true or false, not ${shown(value)}`);
}

/** @throws TypeError unless `value` is a string; RangeError unless it is one of `allowed` */
export function assertOneOf(where: string, option: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === "string" && allowed.includes(value)) return;
  const message = `${where}: ${option} must be one of ${allowed.map((one) => `"${one}"`).join(", ")}, not ${shown(value)}`;
  throw typeof value === "string" ? new RangeError(message) : new TypeError(message);
}

/** @throws TypeError unless `value` is a string, or absent */
export function assertString(where: string, option: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw new TypeError(`${where}: ${option} must be a string, not ${shown(value)}`);
}

/** @throws TypeError unless `value` is an object, or absent; arrays, Maps, promises and functions do not count */
export function assertObject(where: string, option: string, value: unknown): void {
  if (value === undefined || isPlainObject(value)) return;
  throw new TypeError(`${where}: ${option} must be an object, not ${shown(value)}`);
}

/** @throws TypeError unless `value` is a function, or absent */
export function assertFunction(where: string, option: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(`${where}: ${option} must be a function, not ${shown(value)}`);
}

/** @throws TypeError unless `value` has these methods, or is absent */
export function assertMethods(where: string, option: string, value: unknown, names: readonly string[]): void {
  if (value === undefined) return;
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  const missing = isObject ? names.filter((name) => typeof Reflect.get(value, name) !== "function") : names;
  if (missing.length === 0) return;
  const complaint = isObject ? `it has no ${missing.join(", ")}` : `not ${shown(value)}`;
  throw new TypeError(`${where}: ${option} must be an object with the methods ${names.join(", ")}: ${complaint}`);
}

/** @throws TypeError unless `value` is an array, or absent */
export function assertArray(where: string, option: string, value: unknown): void {
  if (value === undefined || Array.isArray(value)) return;
  throw new TypeError(`${where}: ${option} must be an array, not ${shown(value)}`);
}

/** @throws TypeError unless `value` is an array of strings, or absent */
export function assertStrings(where: string, option: string, value: unknown): void {
  assertArray(where, option, value);
  if (!Array.isArray(value)) return;
  // Unlike forEach, entries() sees the holes of an array too.
  for (const [index, element] of value.entries()) {
    if (typeof element === "string") continue;
    throw new TypeError(`${where}: ${option}[${index}] must be a string, not ${shown(element)}`);
  }
}
