// A request with another signal: one that follows the request's own and can be aborted by itself.
import { type AbortListener, type CallSignal, ON_ABORT } from "@connectum/hooks";
import type { AnyRequest } from "./chain.ts";

/** The same request with that signal. A server's request stays lazy, and so does the signal. */
export function withSignal<R extends AnyRequest>(request: R, signal: CallSignal): R {
  // A server's request, which is not a plain object, creates its properties on first use. A copy would create all
  // of them.
  if (Object.getPrototypeOf(request) !== Object.prototype) return new Proxy(request, new SignalHandler<R>(signal));
  return Object.defineProperties(
    { ...request },
    {
      signal: { get: () => signal.get(), enumerable: true, configurable: true },
      // Not enumerable: a copy may be given yet another signal.
      [ON_ABORT]: { value: (listener: AbortListener) => signal.onAbort(listener) },
    },
  );
}

class SignalHandler<R extends AnyRequest> implements ProxyHandler<R> {
  readonly #signal: CallSignal;

  constructor(signal: CallSignal) {
    this.#signal = signal;
  }

  get(request: R, name: string | symbol): unknown {
    if (name === "signal") return this.#signal.get();
    if (name === ON_ABORT) return (listener: AbortListener) => this.#signal.onAbort(listener);
    return Reflect.get(request, name);
  }
}
