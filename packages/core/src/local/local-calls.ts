// The calls in process of one server: which are in flight, and what shutdown does to them.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { MAX_TIMER_MS } from "@connectum/hooks";
import { type Logger, safeLogger } from "../options/logger.ts";
import type { Route } from "../services/route.ts";
import { LocalMethod } from "./local-method.ts";

/** After so many calls the event loop gets a turn: calls that end at once would keep it from timers and sockets. */
const CALLS_IN_A_ROW = 64;

/** A call in process, from when it is made until it has ended. */
export interface InFlight {
  /** Whether either side streams. */
  readonly isStream: boolean;
  /** Runs the handler, unless the call has ended before. */
  serve(): void;
  /** Aborts the signal of the handler. The call goes on. */
  abortSignal(reason: ConnectError): void;
  /** Ends the call with an error, for both sides. */
  give(error: ConnectError): void;
}

export class LocalCalls {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #logger: Logger;
  readonly #methods = new WeakMap<DescMethod, LocalMethod>();
  readonly #inFlight = new Set<InFlight>();
  #isClosed = false;
  /** Why the signals of streams were aborted, once they were. A stream that starts later is aborted at once. */
  #streamsEnd: ConnectError | undefined;
  #started = 0;
  /** Called when a call has ended. */
  readonly #onEnd = new Set<(port: InFlight) => void>();

  constructor(routes: readonly Route[], logger: Logger | undefined) {
    this.#routes = new Map(routes.map((route) => [route.path, route]));
    this.#logger = safeLogger(logger);
  }

  /**
   * The method as the server serves it.
   *
   * @throws ConnectError `unavailable` once the server has stopped, `unimplemented` for a method that it does not have
   */
  method(method: DescMethod): LocalMethod {
    if (this.#isClosed) throw new ConnectError("the server has stopped", Code.Unavailable);
    const known = this.#methods.get(method);
    if (known !== undefined) return known;
    const path = `/${method.parent.typeName}/${method.name}`;
    const route = this.#routes.get(path);
    if (route === undefined) {
      throw new ConnectError(`RouterHttpClient: no handler registered for ${path}`, Code.Unimplemented);
    }
    const made = new LocalMethod(route, method);
    this.#methods.set(method, made);
    return made;
  }

  /** Serves a call, after the code that made it. */
  start(port: InFlight): void {
    this.#inFlight.add(port);
    if (this.#streamsEnd !== undefined && port.isStream) port.abortSignal(this.#streamsEnd);
    this.#started += 1;
    if (this.#started % CALLS_IN_A_ROW === 0) setImmediate(() => port.serve());
    else queueMicrotask(() => port.serve());
  }

  /** Forgets a call that has ended. */
  end(port: InFlight): void {
    this.#inFlight.delete(port);
    for (const ended of this.#onEnd) ended(port);
  }

  report(what: string, ...details: unknown[]): void {
    this.#logger.error(what, ...details);
  }

  /**
   * Whether the calls that are in flight now have ended within `timeoutMs`. Those that begin meanwhile are not waited
   * for: unlike a client with a connection, nobody can be asked to leave.
   */
  drained(timeoutMs: number): Promise<boolean> {
    const waited = new Set(this.#inFlight);
    if (waited.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (all: boolean) => {
        clearTimeout(timer);
        this.#onEnd.delete(ended);
        resolve(all);
      };
      const ended = (port: InFlight) => {
        waited.delete(port);
        if (waited.size === 0) settle(true);
      };
      const timer = setTimeout(() => settle(false), Math.min(timeoutMs, MAX_TIMER_MS));
      this.#onEnd.add(ended);
    });
  }

  /** Aborts the signals of the streams in flight. Their handlers may still end them normally. */
  abortStreams(reason: ConnectError): void {
    this.#streamsEnd = reason;
    for (const port of this.#inFlight) {
      if (!port.isStream) continue;
      try {
        port.abortSignal(reason);
      } catch (error) {
        this.report("the server failed to handle a call", error);
      }
    }
  }

  /** Ends the calls in flight with `unavailable`. */
  abort(): void {
    for (const port of [...this.#inFlight])
      port.give(new ConnectError("the server is shutting down", Code.Unavailable));
  }

  /** New calls fail from now on. */
  close(): void {
    this.#isClosed = true;
  }
}
