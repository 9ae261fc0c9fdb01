// The JavaScript end of the crossing: takes what waits in Rust, starts calls, tells running ones, and flushes answers.
import { AsyncResource } from "node:async_hooks";
import type { Buffer } from "node:buffer";
import process from "node:process";
import type { Code, ConnectError } from "@connectrpc/connect";
import { addBallast } from "../boundary/ballast.ts";
import { CallHead } from "../boundary/call-head.ts";
import type { CallPort, EncodeInto } from "../boundary/call-port.ts";
import { APART, InboundMemory, NONE, RECORD } from "../boundary/inbound-memory.ts";
import type { InboundMessages } from "../boundary/inbound-messages.ts";
import {
  EventKind,
  type NativeFailure,
  type NativeHealthOptions,
  NativeServer,
  type NativeServerOptions,
} from "../boundary/native.ts";
import { Answer, OutboundBatch } from "../boundary/outbound-batch.ts";
import { HttpExchange } from "../http/http-exchange.ts";
import { serveHttp } from "../http/serve-http.ts";
import type { Logger } from "../options/logger.ts";
import { SchemaIndex, schemaContents } from "../schema.ts";
import type { HealthSink, HealthState } from "../services/built-in-protocol.ts";
import type { HttpHandler, ProtocolServer } from "../services/protocol.ts";
import type { Route } from "../services/route.ts";
import { Call } from "./call.ts";
import { serveIntercepted } from "./serve-intercepted.ts";
import { serveStream } from "./serve-stream.ts";
import { serveUnary } from "./serve-unary.ts";

/** Calls begun before the event loop turns: timers and other I/O live under load. */
const CALLS_PER_TURN = 128;

/** Messages of streams that cross together, at most: what Rust sends meanwhile need not wait for all. */
const WRITES_AT_A_TIME = 32;

/**
 * A call taken longer ago than this, in milliseconds, because others of its batch were busy, may be over: its client gone, or
 * its deadline come. Its handler must not run then.
 */
const STALE_AFTER_MS = 5;

/** Stands for an entry of the health that is no more. */
const GONE = -1;

/** Made at import, outside any user's async context: the door bell must not carry the context of whoever starts a server. */
const outside = new AsyncResource("connectum.server", { requireManualDestroy: true });

/** What a server serves. */
export interface Served {
  /** The index is the method's number in Rust. */
  readonly routes: readonly Route[];
  /** Asked in turn about requests that are no RPCs. */
  readonly httpHandlers: readonly HttpHandler[];
  /** The health that Rust answers. */
  readonly health: HealthState | undefined;
  /** What there is to tell of it. */
  readonly server: ProtocolServer;
}

/** What the options of `NativeServer` say of handlers follows from what is served. */
export type ListenOptions = Omit<NativeServerOptions, "otherRequests" | "health">;

/** Dispatches the calls of one server. */
export class Dispatcher implements CallPort {
  readonly native: NativeServer;
  readonly #served: Served;
  readonly #logger: Logger;
  readonly #calls = new Map<number, Call | HttpExchange>();
  readonly #inlet: InboundMemory;
  readonly #outlet: OutboundBatch;
  /** Why streams are aborted, once they are: one that begins later is at once. */
  #streamsEnd: ConnectError | undefined;
  #isDraining = false;
  #flushIsDue = false;

  constructor(options: ListenOptions, served: Served, logger: Logger) {
    this.#served = served;
    this.#logger = logger;
    const methods = served.routes.map((route) => route.toNative());
    const { health, httpHandlers } = served;
    const native = {
      ...options,
      otherRequests: httpHandlers.length > 0,
      ...(health === undefined ? {} : { health: nativeHealth(health) }),
    };
    const index = methods.some(({ answeredBy }) => answeredBy === "reflection") ? indexOf(served) : undefined;
    this.native = outside.runInAsyncScope(() => new NativeServer(native, methods, () => this.#drain(), index?.native));
    this.#inlet = new InboundMemory(this.native);
    this.#outlet = new OutboundBatch(this.native, (call) => this.#calls.get(call)?.markFull());
  }

  /** Where the health that Rust answers is told. */
  get health(): HealthSink {
    const { native } = this;
    return {
      set: (changes) =>
        native.reportHealth(
          changes.map(([name]) => name),
          changes.map(([, status]) => status ?? GONE),
        ),
      eventLoopLagMs: () => native.eventLoopLag(),
    };
  }

  /** Takes what is left after the server has closed: news of the calls that were cut. */
  takeRest(): void {
    outside.runInAsyncScope(() => this.#drain());
  }

  /** Aborts the signals of the streams in flight, which may still end by themselves; ends idle ones that Rust answers. */
  abortStreams(reason: ConnectError): void {
    this.native.endIdleStreams();
    this.#streamsEnd = reason;
    for (const call of this.#calls.values()) if (call instanceof Call && isStream(call)) call.abortSignal(reason);
  }

  // CallPort

  read(call: number): InboundMessages | null {
    this.#flushSoon();
    return this.#inlet.read(call);
  }

  respond(call: number, status: number, header: string[]): void {
    this.#flushSoon();
    this.native.respond(call, status, header);
  }

  write(call: number, message: EncodeInto, header: string[] | undefined): void {
    this.#flushSoon();
    const outlet = this.#outlet;
    const apart = header === undefined ? outlet.add(Answer.MESSAGE, call, message) : outlet.bytesOf(message);
    if (apart === undefined) {
      if (outlet.waiting >= WRITES_AT_A_TIME) outlet.settle();
    } else if (!this.native.write(call, apart, header)) {
      this.#calls.get(call)?.markFull();
    }
  }

  finish(call: number, message: EncodeInto | null, header: string[] | undefined, trailer: string[] | undefined): void {
    this.#flushSoon();
    const outlet = this.#outlet;
    if (header === undefined && trailer === undefined) {
      const apart = outlet.add(message === null ? Answer.END : Answer.ONLY, call, message);
      if (apart !== undefined) this.native.finish(call, apart, undefined, undefined);
    } else {
      outlet.settle();
      this.native.finish(call, message === null ? null : outlet.bytesOf(message), header, trailer);
    }
    // Not before: a message that cannot be written is a failure that its client is told.
    this.#calls.delete(call);
  }

  fail(call: number, failure: NativeFailure): void {
    this.#calls.delete(call);
    this.#flushSoon();
    this.#outlet.settle();
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
    const inlet = this.#inlet;
    this.#isDraining = true;
    let begun = 0;
    try {
      do {
        begun += this.#visit(inlet.take(CALLS_PER_TURN - begun), performance.now());
      } while (inlet.hasMore && begun < CALLS_PER_TURN);
    } finally {
      // Even after a fault of ours: the next batch has to be answered.
      this.#isDraining = false;
      this.#flush();
      if (inlet.hasMore) setImmediate(() => this.#drain());
    }
  }

  /** Does what the records say; returns how many calls it has begun. */
  #visit(count: number, takenAt: number): number {
    // What a handler reads meanwhile comes into the same block, or into the next.
    const { records, block, begin } = this.#inlet;
    let begun = 0;
    let at = begin;
    for (let record = 0; record < count * RECORD; record += RECORD) {
      const id = records[record + 1] as number;
      const headLength = records[record + 5] as number;
      const messageLength = records[record + 6] as number;
      const head = at;
      const message = head + Math.max(0, headLength);
      at = message + Math.max(0, messageLength);
      switch (records[record]) {
        case EventKind.CALL:
        case EventKind.REQUEST:
          begun += 1;
          if (performance.now() - takenAt > STALE_AFTER_MS && !this.native.isAwaited(id)) break;
          if (records[record] === EventKind.REQUEST) this.#beginHttp(id, headLength, block, head);
          else this.#begin(id, record, takenAt, block, head, message);
          break;
        case EventKind.READABLE:
          this.#calls.get(id)?.wakeReader();
          break;
        case EventKind.WRITABLE:
          this.#calls.get(id)?.wakeWriter();
          break;
        case EventKind.REFUSED:
          this.#warn(block.toString("utf8", head, message));
          break;
        default:
          this.#abort(id, records[record + 2] as Code, block.toString("utf8", head, message));
      }
    }
    return begun;
  }

  /**
   * @param record where the call's record is
   * @param head where its head is in the block, and `message` where its message is
   */
  #begin(id: number, record: number, takenAt: number, block: Buffer, head: number, message: number): void {
    const { records } = this.#inlet;
    const route = this.#served.routes[records[record + 2] as number] as Route;
    const timeoutMs = records[record + 4] as number;
    const deadline = timeoutMs < 0 ? undefined : takenAt + timeoutMs;
    const isShared = records[record + 5] !== APART;
    const opening = isShared ? undefined : this.native.opening(id);
    const callHead = isShared ? new CallHead(block, head, message) : new CallHead(opening?.head ?? "");
    const call = new Call(this, id, route, records[record + 3] as number, deadline, callHead);
    const length = records[record + 6] as number;
    const bytes = isShared
      ? length === NONE
        ? null
        : new Uint8Array(block.buffer, block.byteOffset + message, length)
      : (opening?.message ?? null);
    // Its client has gone meanwhile, and the message with it.
    if (bytes === null && !route.streamsRequests) return;
    if (bytes !== null && !isShared) addBallast(bytes.byteLength);
    this.#calls.set(id, call);
    if (this.#streamsEnd !== undefined && isStream(call)) call.abortSignal(this.#streamsEnd);
    if (bytes === null) call.detachHead();
    else if (isShared) this.#inlet.lend(call);
    if (route.interceptors.length > 0) call.run(serveIntercepted, call, bytes, isShared);
    else if (bytes !== null && !route.streamsResponses) call.run(serveUnary, call, bytes, isShared);
    else call.run(serveStream, call, bytes, isShared);
  }

  #beginHttp(id: number, length: number, block: Buffer, head: number): void {
    const text = length === APART ? this.native.opening(id)?.head : block.toString("latin1", head, head + length);
    const exchange = new HttpExchange(this, id, text ?? "");
    this.#calls.set(id, exchange);
    exchange.run(() => serveHttp(exchange, this.#served.httpHandlers));
  }

  #warn(message: string): void {
    try {
      this.#logger.warn(message);
    } catch {
      // As in `report`.
    }
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
    this.#outlet.settle();
    this.native.flush();
  }
}

/** What reflection tells of: all that is mounted. */
function indexOf({ server }: Served): SchemaIndex {
  const { files, services } = schemaContents(server.services);
  return new SchemaIndex(files, services);
}

function isStream({ route }: Call): boolean {
  return route.streamsRequests || route.streamsResponses;
}

function nativeHealth({ httpPaths, eventLoopTimeout, livenessTimeout }: HealthState): NativeHealthOptions {
  return { httpPaths: [...httpPaths], eventLoopTimeout, livenessTimeout };
}
