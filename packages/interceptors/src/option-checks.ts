// Checks of options that are numbers: the factory throws, not the first call.

/** @throws Error unless the option is a finite number of at least `minimum`. Its cause is the value that was given */
export function assertAtLeast(name: string, value: number, minimum: 0 | 1): void {
  if (Number.isFinite(value) && value >= minimum) return;
  // The text is the same for every value, as programs may compare it. Node prints the cause below it.
  throw new Error(`${name} must be a ${minimum === 0 ? "non-negative" : "positive"} finite number`, { cause: value });
}
