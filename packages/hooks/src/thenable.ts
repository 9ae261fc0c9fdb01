// Promises, whichever library made them.

/**
 * Whether a value is an object with a method `then`.
 *
 * @throws whatever a getter of the value throws
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
