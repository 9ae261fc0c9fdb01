// The text for a value in the error message that complains about it.

/** A short text for any value: strings in quotes, long ones by their length, objects and functions by their kind. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
