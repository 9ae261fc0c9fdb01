// Waiting, by the timers of the runtime as they are at that moment: fake timers work.

/** The longest delay of `setTimeout`: longer ones fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * Checks a delay before it is used.
 *
 * @param name of the argument, for the error
 * @throws RangeError unless it is a number that a timer can have; a negative one is no delay
 */
export function checkDelay(name: string, ms: number): void {
  if (typeof ms === "number" && ms <= MAX_DELAY_MS) return;
  throw new RangeError(`${name} must be a number of milliseconds up to ${MAX_DELAY_MS}, not ${ms}`);
}

/** Waits. Zero and less is no wait. */
export async function delay(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => void setTimeout(resolve, ms));
}
