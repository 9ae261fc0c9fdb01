// Functions of the user that are told something: what becomes of them is nothing that a call should suffer from.

/** Calls it. What it throws, or what its promise rejects with, goes to the console. */
export function notify(label: string, callback: () => unknown): void {
  const complain = (error: unknown) => console.error(`[${label}] the callback failed:`, error);
  try {
    const result = callback();
    if (isThenable(result)) result.then(undefined, complain);
  } catch (error) {
    complain(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
