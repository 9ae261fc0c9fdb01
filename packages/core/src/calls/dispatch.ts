// One JavaScript thread of a server: takes waiting calls and events from Rust, starts the calls, and passes the events
// to running ones.
import { AsyncResource } from "node:async_hooks";
import process from "node:process";
import { Code, type ConnectError } from "@connectrpc/connect";
import { addBallast } from "../boundary/ballast.ts";
import { InboundCallHead } from "../boundary/call-head.ts";
import type { InboundBatch } from "../boundary/inbound-batch.ts";
import { InboundMemory } from "../boundary/inbound-memory.ts";
import {
  KIND_ABORTED,
  KIND_CALL,
  KIND_HTTP_REQUEST,
  KIND_LOG,
  KIND_READABLE,
  KIND_TLS,
  KIND_WRITABLE,
  LOG_ERROR,
  type NativeCalls,
} from "../boundary/native.ts";
import { NativePort } from "../boundary/native-port.ts";
import { HttpExchange } from "../http/http-exchange.ts";
import { serveHttp } from "../http/serve-http.ts";
import { defaultLogger, type Logger, safeLogger } from "../options/logger.ts";
import type { Route } from "../services/route.ts";
import type { RouteTable } from "../services/router.ts";
import { Call } from "./call.ts";
import { internalError } from "./failure.ts";
import { serve } from "./serve.ts";
import { TurnLength } from "./turn-length.ts";

/**
 * How long a call may wait behind others of its turn, in milliseconds, before it is checked that somebody still waits
 * for its response: its client may be gone, or its deadline have passed, and its handler must not run then.
 */
const STALE_AFTER_MS = 5;

/**
 * Made at import, outside any user's async context: the doorbell must not carry the context of the code that starts a
 * server.
 */
const outside = new AsyncResource("connectum.server");

/**
 * Takes that the files of certificates have changed.
 *
 * @param listener the position of the listener in Rust's options
 * @param failure why they are not used: a code and a text, on two lines. Undefined if they are
 */
export type TlsReloaded = (listener: number, failure: string | undefined) => void;

/** Dispatches the calls of one server. */
export class Dispatcher {
  readonly #native: NativeCalls;
  readonly #table: Pick<RouteTable, "routes" | "httpHandlers" | "fetch">;
  /** For what the core has to say. Undefined with the default logger, which drops it. */
  readonly #coreLogger: Logger | undefined;
  readonly #memory: InboundMemory;
  readonly #port: NativePort;
  /** Why the signals of streams were aborted, once they were. A stream that starts later is aborted at once. */
  #streamsEnd: ConnectError | undefined;
  readonly #tlsReloaded: TlsReloaded;
  readonly #turnLength = new TurnLength();
  /** When the current turn began, in milliseconds of `performance.now()`; undefined between turns. */
  #turnBegin: number | undefined;
  /** Events of calls that ran already, in the current turn. */
  #events = 0;

  /**
   * @param connect returns the native calls that ring this doorbell
   * @param tlsReloaded hears of certificates that have changed
   */
  constructor(
    connect: (doorbell: () => void) => NativeCalls,
    table: Pick<RouteTable, "routes" | "httpHandlers" | "fetch">,
    logger: Logger,
    tlsReloaded: TlsReloaded,
  ) {
    this.#table = table;
    this.#tlsReloaded = tlsReloaded;
    this.#coreLogger = logger === defaultLogger ? undefined : safeLogger(logger);
    this.#native = outside.runInAsyncScope(() => connect(() => this.#drain()));
    this.#memory = new InboundMemory(this.#native);
    this.#port = new NativePort(this.#native, this.#memory, logger);
  }

  /** Keeps the process alive: the server listens. */
  open(): void {
    this.#native.open();
  }

  /** Lets the process end. Call it when the server is closed: the calls that it aborted are informed. */
  close(): void {
    this.#native.close();
    outside.runInAsyncScope(() => this.#drain());
  }

  /** Aborts the signals of the streams in flight. Their handlers may still end them normally. */
  abortStreams(reason: ConnectError): void {
    this.#streamsEnd = reason;
    for (const exchange of this.#port.exchanges.all()) {
      try {
        if (exchange instanceof HttpExchange) exchange.drain(reason.rawMessage);
        else if (exchange instanceof Call && exchange.route.isStream) exchange.abortSignal(reason);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Takes everything that waits in Rust. Nothing that a call throws escapes. */
  #drain(): void {
    const isNested = this.#turnBegin !== undefined;
    // Rust takes the calls of all batches of a turn out of its queue at once.
    const turnBegin = this.#turnBegin ?? performance.now();
    this.#turnBegin = turnBegin;
    this.#port.hold();
    const most = this.#turnLength.calls;
    let started = 0;
    let hasMore = false;
    try {
      // A handler runs the event loop itself, as some debuggers and addons do. The batch that it belongs to has to be
      // completed now: the next one takes its memory.
      if (isNested) started = this.#dispatch(this.#memory.batch, turnBegin);
      do {
        // A nested turn completes the batch of another one, and may have started more than it would take itself.
        const batch = this.#memory.take(Math.max(1, most - started));
        hasMore = batch.hasMore;
        started += this.#dispatch(batch, turnBegin);
      } while (hasMore && started < most);
    } finally {
      if (!isNested) this.#turnBegin = undefined;
      // Even after a bug of ours: the responses of this batch must leave, and the next batch must be taken.
      this.#port.release();
      if (!isNested) {
        if (this.#turnLength.learnsFrom(started)) this.#measure(turnBegin, started, this.#events);
        this.#events = 0;
      }
      // The doorbell does not ring for events that were waiting already.
      if (hasMore) setImmediate(() => this.#drain());
    }
  }

  /** Tells how long a turn takes, with all that its handlers do before they wait for something. */
  #measure(turnBegin: number, started: number, events: number): void {
    const learn = () => this.#turnLength.learn(started, performance.now() - turnBegin, events);
    // A tick that a microtask asks for comes after all microtasks, and before other I/O.
    queueMicrotask(() => process.nextTick(learn));
  }

  /** Acts on the records of a batch that are left; returns how many calls were new. */
  #dispatch(batch: InboundBatch, turnBegin: number): number {
    let calls = 0;
    while (batch.next()) {
      const { kind, call } = batch;
      if (kind === KIND_CALL || kind === KIND_HTTP_REQUEST) calls += 1;
      else this.#events += 1;
      try {
        this.#act(batch, turnBegin);
      } catch (error) {
        this.#failCall(call, error);
      }
    }
    return calls;
  }

  /** Acts on the current record. Once a handler runs, the batch may have gone on to another one. */
  #act(batch: InboundBatch, turnBegin: number): void {
    const { exchanges } = this.#port;
    switch (batch.kind) {
      case KIND_CALL:
      case KIND_HTTP_REQUEST:
        if (performance.now() - turnBegin > STALE_AFTER_MS && !this.#native.isAwaited(batch.call)) break;
        if (batch.kind === KIND_CALL) this.#startCall(batch);
        else this.#startHttp(batch);
        break;
      case KIND_READABLE:
        exchanges.get(batch.call)?.wakeReader();
        break;
      case KIND_WRITABLE:
        exchanges.get(batch.call)?.wakeWriter();
        break;
      case KIND_ABORTED: {
        const exchange = exchanges.get(batch.call);
        exchanges.delete(batch.call);
        exchange?.abort(batch.code as Code, batch.text);
        break;
      }
      case KIND_LOG:
        this.#log(batch.level, batch.text);
        break;
      case KIND_TLS:
        this.#tlsReloaded(batch.listener, batch.tlsFailure);
    }
  }

  /** Ends a call whose record could not be handled: a fault of ours, or of a listener. Other calls go on. */
  #failCall(id: number, error: unknown): void {
    this.#report(error);
    try {
      try {
        this.#port.exchanges.get(id)?.abort(Code.Internal, internalError.message);
      } finally {
        this.#port.fail(id, internalError);
      }
    } catch (another) {
      this.#report(another);
    }
  }

  #report(error: unknown): void {
    this.#port.report("the server failed to handle a call", error);
  }

  #startCall(batch: InboundBatch): void {
    const route = this.#table.routes[batch.method] as Route;
    const { timeoutMs } = batch;
    const deadline = timeoutMs === undefined ? undefined : batch.takenAt + timeoutMs;
    if (batch.isOversized) {
      this.#startOversized(batch, route, deadline);
      return;
    }
    const { head, message } = batch;
    const call = new Call(this.#port, batch.call, route, deadline, head);
    // A request stream may last long; a call with its message usually ends before the block is full.
    if (message === null) head.detach();
    else this.#memory.track(head);
    this.#start(call, message, true);
  }

  #startOversized(batch: InboundBatch, route: Route, deadline: number | undefined): void {
    const oversized = this.#native.oversizedCall(batch.call);
    if (oversized === null) return;
    const { message } = oversized;
    if (message !== null) addBallast(message.byteLength);
    const head = new InboundCallHead(batch.flags, oversized.head);
    this.#start(new Call(this.#port, batch.call, route, deadline, head), message, false);
  }

  /** @param isShared whether the memory of the message holds other things too */
  #start(call: Call, message: Uint8Array | null, isShared: boolean): void {
    const { route } = call;
    // Its client has gone since Rust took the call out of the queue, and the message with it.
    if (message === null && !route.streamsRequests) return;
    this.#port.exchanges.add(call);
    if (this.#streamsEnd !== undefined && route.isStream) call.abortSignal(this.#streamsEnd);
    serve(call, message, isShared);
  }

  #startHttp(batch: InboundBatch): void {
    const head = batch.isOversized ? this.#native.oversizedCall(batch.call)?.head : batch.requestHead;
    if (head === undefined) return;
    const exchange = new HttpExchange(this.#port, batch.call, head, batch.flags);
    this.#port.exchanges.add(exchange);
    if (this.#streamsEnd !== undefined) exchange.drain(this.#streamsEnd.rawMessage);
    exchange.run(serveHttp, exchange, this.#table);
  }

  /**
   * Logs a message of the core. The default logger drops it: an application asks for these messages with a `logger`.
   */
  #log(level: number, message: string): void {
    if (level === LOG_ERROR) this.#coreLogger?.error(message);
    else this.#coreLogger?.warn(message);
  }
}
