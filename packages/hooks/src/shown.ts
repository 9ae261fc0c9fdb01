// The text for a value in the error message that complains about it.
import { isThenable } from "./thenable.ts";

/**
 * A short text for any value: strings in quotes, long ones by their length, objects and functions by their kind. Never
 * more of an object: it may have secrets.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return shownObject(value);
  return typeof value === "function" ? "a function" : String(value);
}

/**
 * Whether options may be read from a value: an object or a class instance. Not an array, a Map or another container,
 * whose content would be overlooked; nor a promise that nobody awaited.
 */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !CONTAINERS.has(kindOf(value)) && !isThenable(value);
}

/** Objects of the language and of HTTP without properties of their own, as `Object.prototype.toString` calls them. */
const CONTAINERS: ReadonlySet<string> = new Set([
  ...["Map", "Set", "WeakMap", "WeakSet", "Date", "RegExp", "ArrayBuffer", "Uint8Array"],
  ...["Headers", "URL", "URLSearchParams", "FormData", "AbortController", "AbortSignal"],
]);

function shownObject(value: object): string {
  if (isThenable(value)) return "a promise";
  const kind = kindOf(value);
  if (!CONTAINERS.has(kind)) return "an object";
  return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
}

function kindOf(value: object): string {
  try {
    return Object.prototype.toString.call(value).slice("[object ".length, -1);
  } catch {
    // A revoked proxy.
    return "Object";
  }
}
