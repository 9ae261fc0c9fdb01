// Being told when a request is given up.
import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";

/**
 * Under this key a request may have a function that tells a listener when its signal aborts, at once if it has, and gives what stops
 * that. Those of a server have it: a signal that nobody looks at need not be made.
 */
export const ON_ABORT = Symbol.for("connectum.onAbort");

export type AbortListener = (reason: unknown) => void;

/**
 * Calls `listener` when the request's signal aborts, at once if it has.
 *
 * @param listener must not throw
 * @returns stops listening
 */
export function onAbort(request: UnaryRequest | StreamRequest, listener: AbortListener): () => void {
  const listen: unknown = Reflect.get(request, ON_ABORT);
  if (typeof listen === "function") return listen(listener);
  const { signal } = request;
  const forward = () => listener(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener("abort", forward);
  return () => signal.removeEventListener("abort", forward);
}
