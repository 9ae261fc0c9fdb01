// Requests with another signal: one that follows the request's own, and can be aborted besides.
import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { type AbortListener, ON_ABORT, onAbort } from "./abort-listener.ts";

type AnyRequest = UnaryRequest | StreamRequest;

/** The reason of every signal whose call has simply ended. One for all: making it costs more than the rest. */
const ENDED = new DOMException("the call has ended", "AbortError");

/** A signal that is made when somebody looks: most calls end before that, and a signal costs more than the rest of them. */
export class RequestSignal {
  readonly #request: AnyRequest;
  readonly #listeners = new Set<AbortListener>();
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;
  /** Stops following the request's own. */
  #unfollow: (() => void) | undefined;

  constructor(request: AnyRequest) {
    this.#request = request;
  }

  get(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#follow();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Calls `listener` when it aborts, at once if it has. Gives what stops that. */
  onAbort(listener: AbortListener): () => void {
    this.#follow();
    if (this.#isAborted) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The first reason stays. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#unfollow?.();
    this.#controller?.abort(reason);
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  /** The call has ended. What goes on with this signal is told, as a server tells it; the request's own may live longer. */
  end(): void {
    this.abort(ENDED);
  }

  #follow(): void {
    if (this.#isAborted) return;
    this.#unfollow ??= onAbort(this.#request, (reason) => this.abort(reason));
  }
}

/** The same request with that signal. */
export function withSignal<R extends AnyRequest>(request: R, signal: RequestSignal): R {
  // A server's request, which is no plain object, makes its properties when they are looked at. A copy would make all of them.
  if (Object.getPrototypeOf(request) !== Object.prototype) return new Proxy(request, new SignalHandler<R>(signal));
  return Object.defineProperties(
    { ...request },
    {
      signal: { get: () => signal.get(), enumerable: true, configurable: true },
      // Not for copies, which may be given yet another signal.
      [ON_ABORT]: { value: (listener: AbortListener) => signal.onAbort(listener) },
    },
  );
}

class SignalHandler<R extends AnyRequest> implements ProxyHandler<R> {
  readonly #signal: RequestSignal;

  constructor(signal: RequestSignal) {
    this.#signal = signal;
  }

  get(request: R, name: string | symbol): unknown {
    if (name === "signal") return this.#signal.get();
    if (name === ON_ABORT) return (listener: AbortListener) => this.#signal.onAbort(listener);
    return Reflect.get(request, name);
  }
}
