// Numbers among options: what is wrong is said when the factory is called.

/** @throws Error unless the option is a finite number of at least `minimum` */
export function assertAtLeast(name: string, value: number, minimum: 0 | 1): void {
  if (Number.isFinite(value) && value >= minimum) return;
  throw new Error(`${name} must be a ${minimum === 0 ? "non-negative" : "positive"} finite number`);
}
