// A limit for what may take long.
import { MAX_TIMER_MS } from "@connectum/hooks";

/**
 * Settles as the promise does, and rejects if that takes longer.
 *
 * @param what the subject of the error: `traces`
 */
export function inTime<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        reject(new Error(`${what} could not be exported within ${timeoutMs} ms`));
      },
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
