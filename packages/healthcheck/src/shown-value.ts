// A value as an error shows it.

/** Short, and safe to look at. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
