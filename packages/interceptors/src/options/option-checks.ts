// Checks of numeric options, when an interceptor is created.

/** @throws Error unless the option is a finite number of at least `minimum`. The value is its cause */
export function assertAtLeast(name: string, value: number, minimum: 0 | 1): void {
  if (Number.isFinite(value) && value >= minimum) return;
  // The text is the same for every value, as programs may compare it. Node prints the cause below it.
  throw new Error(`${name} must be a ${minimum === 0 ? "non-negative" : "positive"} finite number`, { cause: value });
}
