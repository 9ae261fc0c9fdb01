// The JavaScript end of the crossing: takes what waits in Rust, starts calls, tells running ones, and flushes answers.
import { AsyncResource } from "node:async_hooks";
import process from "node:process";
import type { Code, ConnectError } from "@connectrpc/connect";
import { Call } from "./call.ts";
import type { CallPort } from "./call-port.ts";
import { HttpExchange } from "./http-exchange.ts";
import type { Logger } from "./logger.ts";
import { EventKind, type NativeFailure, type NativeInbound, NativeServer, type NativeServerOptions } from "./native.ts";
import type { HttpHandler } from "./protocol.ts";
import type { Route } from "./route.ts";
import { serveHttp } from "./serve-http.ts";
import { serveIntercepted } from "./serve-intercepted.ts";
import { serveStream } from "./serve-stream.ts";
import { serveUnary } from "./serve-unary.ts";

/** Calls begun before the event loop turns: timers and other I/O live under load. */
const CALLS_PER_TURN = 128;

/**
 * A call taken longer ago than this, in milliseconds, because others of its batch were busy, may be over: its client gone, or
 * its deadline come. Its handler must not run then.
 */
const STALE_AFTER_MS = 5;

/** Made at import, outside any user's async context: the door bell must not carry the context of whoever starts a server. */
const outside = new AsyncResource("connectum.server", { requireManualDestroy: true });

/** What a server serves. */
export interface Served {
  /** The index is the method's number in Rust. */
  readonly routes: readonly Route[];
  /** Asked in turn about requests that are no RPCs. */
  readonly httpHandlers: readonly HttpHandler[];
}

/** Dispatches the calls of one server. */
export class Dispatcher implements CallPort {
  readonly native: NativeServer;
  readonly #served: Served;
  readonly #logger: Logger;
  readonly #calls = new Map<number, Call | HttpExchange>();
  #isDraining = false;
  #flushIsDue = false;

  constructor(options: Omit<NativeServerOptions, "otherRequests">, served: Served, logger: Logger) {
    this.#served = served;
    this.#logger = logger;
    const methods = served.routes.map((route) => route.toNative());
    const native = { ...options, otherRequests: served.httpHandlers.length > 0 };
    this.native = outside.runInAsyncScope(() => new NativeServer(native, methods, () => this.#drain()));
  }

  /** Takes what is left after the server has closed: news of the calls that were cut. */
  takeRest(): void {
    outside.runInAsyncScope(() => this.#drain());
  }

  /** Aborts the signals of the streams in flight, which may still end by themselves. */
  abortStreams(reason: ConnectError): void {
    for (const call of this.#calls.values()) {
      if (call instanceof Call && (call.route.streamsRequests || call.route.streamsResponses)) call.abortSignal(reason);
    }
  }

  // CallPort

  read(call: number): NativeInbound | null {
    this.#flushSoon();
    return this.native.read(call);
  }

  respond(call: number, status: number, header: string[]): void {
    this.#flushSoon();
    this.native.respond(call, status, header);
  }

  write(call: number, message: Uint8Array, header: string[] | undefined): boolean {
    this.#flushSoon();
    return this.native.write(call, message, header);
  }

  finish(call: number, message: Uint8Array | null, header: string[] | undefined, trailer: string[] | undefined): void {
    this.#calls.delete(call);
    this.#flushSoon();
    this.native.finish(call, message, header, trailer);
  }

  fail(call: number, failure: NativeFailure): void {
    this.#calls.delete(call);
    this.#flushSoon();
    this.native.fail(call, failure);
  }

  report(what: string, error: unknown): void {
    try {
      this.#logger.error(what, error);
    } catch {
      // A log that throws is its owner's to mend; the call has an answer all the same.
    }
  }

  /** Takes what waits. Nothing that a call throws gets out of here. */
  #drain(): void {
    const events = this.native.take(CALLS_PER_TURN);
    const takenAt = performance.now();
    this.#isDraining = true;
    let begun = 0;
    let at = 0;
    while (at < events.length) {
      const id = events[at + 1] as number;
      switch (events[at]) {
        case EventKind.CALL:
          this.#begin(id, events, at + 2, takenAt);
          begun += 1;
          at += 7;
          break;
        case EventKind.READABLE:
          this.#calls.get(id)?.wakeReader();
          at += 2;
          break;
        case EventKind.WRITABLE:
          this.#calls.get(id)?.wakeWriter();
          at += 2;
          break;
        case EventKind.REQUEST:
          this.#beginHttp(id, events[at + 2] as string, takenAt);
          begun += 1;
          at += 3;
          break;
        case EventKind.REFUSED:
          this.#warn(events[at + 1] as string);
          at += 2;
          break;
        default:
          this.#abort(id, events[at + 2] as Code, events[at + 3] as string);
          at += 4;
      }
    }
    this.#isDraining = false;
    this.#flush();
    if (begun === CALLS_PER_TURN) setImmediate(() => this.#drain());
  }

  #warn(message: string): void {
    try {
      this.#logger.warn(message);
    } catch {
      // As in `report`.
    }
  }

  /** @param at where the fields of the call begin: method, flags, timeoutMs, head, message */
  #begin(id: number, events: readonly unknown[], at: number, takenAt: number): void {
    if (this.#isStale(id, takenAt)) return;
    const route = this.#served.routes[events[at] as number] as Route;
    const flags = events[at + 1] as number;
    const timeoutMs = events[at + 2] as number;
    const deadline = timeoutMs < 0 ? undefined : takenAt + timeoutMs;
    const call = new Call(this, id, route, flags, deadline, events[at + 3] as string);
    this.#calls.set(id, call);
    const message = events[at + 4] as Uint8Array | null;
    if (route.interceptors.length > 0) call.run(serveIntercepted, call, message);
    else if (message !== null && !route.streamsResponses) call.run(serveUnary, call, message);
    else call.run(serveStream, call, message);
  }

  #beginHttp(id: number, head: string, takenAt: number): void {
    if (this.#isStale(id, takenAt)) return;
    const exchange = new HttpExchange(this, id, head);
    this.#calls.set(id, exchange);
    exchange.run(() => serveHttp(exchange, this.#served.httpHandlers));
  }

  #isStale(id: number, takenAt: number): boolean {
    return performance.now() - takenAt > STALE_AFTER_MS && !this.native.isAwaited(id);
  }

  #abort(id: number, code: Code, message: string): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.abort(code, message);
  }

  /** Answers made in one turn leave together: at the end of the drain, or when the turn's promises have run. */
  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    if (!this.#isDraining) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    if (!this.#flushIsDue) return;
    this.#flushIsDue = false;
    this.native.flush();
  }
}
