// Those that are told of a call: interceptors that measure. Most calls have none.
import { Code, ConnectError } from "@connectrpc/connect";
import { type CallObserver, shown } from "@connectum/hooks";
import type { Route } from "../services/route.ts";

/** The call that is observed. */
interface Observed {
  readonly route: Route;
  report(error: unknown, text: string): void;
}

export class CallObservers {
  readonly #observers: CallObserver[] = [];
  readonly #call: Observed;
  /** Why a response could not be written. */
  #unsent: { readonly error: unknown } | undefined;

  /** @param call whose log gets what observers throw */
  constructor(call: Observed) {
    this.#call = call;
  }

  add(observer: CallObserver): void {
    this.#observers.push(observer);
  }

  request(message: unknown, bytes: number | undefined): void {
    this.#tell((observer) => observer.onRequest(message, bytes));
  }

  response(message: unknown, bytes: number | undefined): void {
    this.#tell((observer) => observer.onResponse(message, bytes));
  }

  /** A response could not be written: the call is about to fail by that. */
  unsent(error: unknown): void {
    this.#unsent = { error };
  }

  success(): void {
    this.#tell((observer) => observer.onSuccess());
  }

  /** @param error what was thrown */
  failure(error: unknown): void {
    const outcome = this.#unsent?.error === error ? asInternal(error) : error;
    this.#tell((observer) => observer.onFailure(outcome));
  }

  #tell(tell: (observer: CallObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        tell(observer);
      } catch (error) {
        const { method } = this.#call.route;
        this.#call.report(error, `an observer of rpc ${method.name} of ${method.parent.typeName} failed`);
      }
    }
  }
}

/** The error of a response that could not be written: the client gets its code, and the log the error itself. */
function asInternal(error: unknown): ConnectError {
  let text = "";
  try {
    if (error instanceof ConnectError) return error;
    text = error instanceof Error ? `: ${error.message}` : `: ${shown(error)}`;
  } catch {
    // A getter of the message may have thrown anything, also what cannot be read.
  }
  return new ConnectError(`the response cannot be sent${text}`, Code.Internal, undefined, undefined, error);
}
