// Requests with another signal: one that follows the request's own, and can be aborted besides.
import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";

type AnyRequest = UnaryRequest | StreamRequest;

/** A signal that is made when somebody looks: most calls end before that, and a signal costs more than the rest of them. */
export class RequestSignal {
  readonly #request: AnyRequest;
  #controller: AbortController | undefined;
  #reason: unknown;
  /** Stops following the request's own. */
  #unfollow: (() => void) | undefined;

  constructor(request: AnyRequest) {
    this.#request = request;
  }

  get(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#reason !== undefined) {
      controller.abort(this.#reason);
      return controller.signal;
    }
    const own = this.#request.signal;
    const follow = () => controller.abort(own.reason);
    if (own.aborted) follow();
    else {
      own.addEventListener("abort", follow);
      this.#unfollow = () => own.removeEventListener("abort", follow);
    }
    return controller.signal;
  }

  abort(reason: unknown): void {
    this.#reason = reason;
    this.release();
    this.#controller?.abort(reason);
  }

  /** The call has ended: a request's signal may live longer. */
  release(): void {
    this.#unfollow?.();
  }
}

/** The same request with that signal. */
export function withSignal<R extends AnyRequest>(request: R, signal: RequestSignal): R {
  // A server's request, which is no plain object, makes its properties when they are looked at. A copy would make all of them.
  if (Object.getPrototypeOf(request) !== Object.prototype) return new Proxy(request, new SignalHandler<R>(signal));
  return Object.defineProperty({ ...request }, "signal", {
    get: () => signal.get(),
    enumerable: true,
    configurable: true,
  });
}

class SignalHandler<R extends AnyRequest> implements ProxyHandler<R> {
  readonly #signal: RequestSignal;

  constructor(signal: RequestSignal) {
    this.#signal = signal;
  }

  get(request: R, name: string | symbol): unknown {
    if (name === "signal") return this.#signal.get();
    // By a symbol the server asks whether a request is the one it made. This one is not.
    return typeof name === "symbol" ? undefined : request[name as keyof R];
  }
}
