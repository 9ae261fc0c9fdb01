// The port of one call in process, and its client's half: the common part of unary calls and streams.
import { Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import { MAX_TIMER_MS, onAbort } from "@connectum/hooks";
import type { Arrived, Inbound } from "../boundary/arrived.ts";
import type { CallPort } from "../boundary/call-port.ts";
import type { NativeFailure } from "../boundary/native.ts";
import { Call } from "../calls/call.ts";
import type { HandlerMessage } from "../calls/handler-message.ts";
import { serve } from "../calls/serve.ts";
import type { CanceledBy } from "../catalog/abortable-unary.ts";
import { IN_PROCESS, type Peer } from "../options/peer.ts";
import { type HeaderTerms, LocalCallHead } from "./local-call-head.ts";
import type { InFlight, LocalCalls } from "./local-calls.ts";
import type { LocalMethod } from "./local-method.ts";

/** A call as its client makes it. */
export interface LocalRequest {
  readonly calls: LocalCalls;
  readonly method: LocalMethod;
  readonly header: HeaderTerms;
  /** When the call must be over, in milliseconds of `performance.now()`. */
  readonly deadline: number | undefined;
  readonly canceledBy: CanceledBy;
  /** Context values of the client, which the handler sees. */
  readonly values: ContextValues | undefined;
}

export abstract class LocalPort implements CallPort<HandlerMessage>, InFlight {
  protected readonly call: Call;
  protected readonly method: LocalMethod;
  readonly #calls: LocalCalls;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  /** The server has nothing more to do. */
  #isServed = false;
  /** The client has all of it. */
  #isOver = false;

  protected constructor({ calls, method, header, deadline, values }: LocalRequest) {
    this.#calls = calls;
    this.method = method;
    const { route } = method;
    this.call = new Call(this, 0, route, deadline, new LocalCallHead(route, header), values);
  }

  /** Whether either side streams. */
  get isStream(): boolean {
    return this.method.route.isStream;
  }

  /** Whether the server has nothing more to do. */
  protected get isServed(): boolean {
    return this.#isServed;
  }

  /** Has the server serve the call, unless it is over before. To be called last by constructors. */
  protected begin({ deadline, canceledBy }: LocalRequest): void {
    this.#calls.start(this);
    if (deadline !== undefined) this.#expireAt(deadline);
    if (canceledBy !== undefined && !this.#isOver) {
      const stop = onAbort(canceledBy, (reason) => this.cancel(ConnectError.from(reason, Code.Canceled)));
      if (this.#isOver) stop();
      else this.#stopListening = stop;
    }
  }

  /** Runs the handler. */
  serve(): void {
    if (this.#isServed) return;
    try {
      const message = this.onlyRequest();
      if (message === undefined) return;
      serve(this.call, message, false);
    } catch (error) {
      // A fault of ours, or of a listener: other calls go on.
      this.report("the server failed to handle a call", error);
      this.give(new ConnectError("internal error", Code.Internal));
    }
  }

  /** Aborts the signal of the handler. The call goes on. */
  abortSignal(reason: ConnectError): void {
    this.call.abortSignal(reason);
  }

  /** The client does not want the response any more, and gets `error` instead. */
  protected cancel(error: ConnectError): void {
    if (this.#isOver) return;
    this.#abort(Code.Canceled, "the client canceled the call");
    this.endServer();
    this.reject(error);
    this.end();
  }

  /** Ends the call with an error, for both sides. */
  give(error: ConnectError): void {
    if (this.#isOver) return;
    this.#abort(error.code, error.rawMessage);
    this.endServer();
    this.reject(error);
    this.end();
  }

  peer(): Peer {
    return IN_PROCESS;
  }

  report(what: string, ...details: unknown[]): void {
    this.#calls.report(what, ...details);
  }

  abstract read(): Arrived | null;
  abstract write(call: number, message: HandlerMessage, header: string[] | null): void;
  abstract finish(
    call: number,
    message: HandlerMessage | null,
    header: string[] | null,
    trailer: string[] | null,
  ): void;
  abstract fail(call: number, failure: NativeFailure): void;

  /** The only request message; null for a stream; undefined if it has not come yet, and `serve` is called again. */
  protected abstract onlyRequest(): Inbound | null | undefined;

  /** Gives an error to the client. */
  protected abstract reject(error: ConnectError): void;

  /** The server has nothing more to do: it is not waited for when it stops. */
  protected endServer(): void {
    if (this.#isServed) return;
    this.#isServed = true;
    this.#calls.end(this);
  }

  /** The client has all of it: nothing can end the call any more. */
  protected end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
  }

  #abort(code: Code, message: string): void {
    if (this.#isServed) return;
    try {
      this.call.abort(code, message);
    } catch (error) {
      // A listener of the handler's signal.
      this.report("the server failed to handle a call", error);
    }
  }

  #expireAt(deadline: number): void {
    const left = deadline - performance.now();
    const expire = () => {
      if (left > MAX_TIMER_MS) this.#expireAt(deadline);
      else this.give(new ConnectError("the operation timed out", Code.DeadlineExceeded));
    };
    this.#timer = setTimeout(expire, Math.min(left, MAX_TIMER_MS));
  }
}
