// Checks of single options: the error says which one, what it is, and what it may be.

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

/** @throws TypeError unless `value` is an array of functions, or absent */
export function assertFunctions(where: string, option: string, value: unknown): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) throw new TypeError(`${where}: ${option} must be an array, not ${shown(value)}`);
  value.forEach((element: unknown, index) => {
    if (typeof element === "function") return;
    throw new TypeError(`${where}: ${option}[${index}] must be a function, not ${shown(element)}`);
  });
}

/** A value as an error shows it: short, and safe to look at. */
export function shown(value: unknown): string {
  if (typeof value === "string")
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
