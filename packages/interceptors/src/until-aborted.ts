// Work that is given up when its call is.
import { ConnectError } from "@connectrpc/connect";

/**
 * Settles as the work does, or rejects when the signal aborts first: with the reason of the signal, as a `ConnectError`. Work
 * whose signal has aborted already is not begun.
 */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(abortError(signal));
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    const unwatch = () => signal.removeEventListener("abort", onAbort);
    // Inside of an async function what the work throws at once rejects, too.
    (async () => work())().then(resolve, reject).finally(unwatch);
  });
}

/** Why the signal was aborted: `canceled` unless it says otherwise. */
export function abortError(signal: AbortSignal): ConnectError {
  return ConnectError.from(signal.reason);
}
