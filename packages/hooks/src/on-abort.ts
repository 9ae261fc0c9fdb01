// `connectum.onAbort`: a listener for an abort, without an AbortSignal, which costs more than a small call.

/**
 * The key under which a request may have a function that does what {@link onAbort} does. Requests of a
 * `@connectum/core` server have one, and so have those that an interceptor gives a {@link CallSignal}: the signal is
 * created on first use.
 */
export const ON_ABORT = Symbol.for("connectum.onAbort");

/** Gets the reason of the abort. Must not throw. */
export type AbortListener = (reason: unknown) => void;

/** A request, a handler's context, an `AbortController`: anything with a signal. Without one it is never aborted. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `listener` when the source aborts, at once if it has aborted already.
 *
 * @returns a function that stops listening
 */
export function onAbort(source: Abortable | AbortSignal, listener: AbortListener): () => void {
  const listen: unknown = Reflect.get(source, ON_ABORT);
  if (typeof listen === "function") return listen(listener);
  const signal = "aborted" in source ? source : source.signal;
  // Mock requests of tests have none.
  if (signal === undefined) return doNothing;
  if (signal.aborted) {
    listener(signal.reason);
    return doNothing;
  }
  const forward = () => listener(signal.reason);
  signal.addEventListener("abort", forward);
  return () => signal.removeEventListener("abort", forward);
}

const doNothing = () => {};
