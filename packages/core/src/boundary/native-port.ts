// The port through which the calls of one thread read from Rust and respond to it. Responses are gathered, and leave
// once for each turn of the event loop.
import process from "node:process";
import { type Logger, safeLogger } from "../options/logger.ts";
import { type Peer, UNKNOWN } from "../options/peer.ts";
import type { HttpPort, Outbound } from "./call-port.ts";
import { Connections } from "./connections.ts";
import { Exchanges } from "./exchanges.ts";
import type { InboundMemory } from "./inbound-memory.ts";
import type { InboundMessages } from "./inbound-messages.ts";
import { inboundPeer, type PeerHead } from "./inbound-peer.ts";
import { KIND_END, KIND_MESSAGE, KIND_ONLY_MESSAGE, type NativeCalls, type NativeFailure } from "./native.ts";
import { OutboundBatch } from "./outbound-batch.ts";

/** The most messages of streams that cross together: the connection can send them while JavaScript makes the next. */
const MAX_GATHERED_MESSAGES = 32;

export class NativePort implements HttpPort {
  /** The exchanges that have neither ended nor been aborted. */
  readonly exchanges = new Exchanges();
  readonly #native: NativeCalls;
  readonly #memory: InboundMemory;
  readonly #logger: Logger;
  readonly #batch: OutboundBatch;
  readonly #connections: Connections;
  #isHeld = false;
  #flushIsDue = false;

  constructor(native: NativeCalls, memory: InboundMemory, logger: Logger) {
    this.#native = native;
    this.#memory = memory;
    this.#logger = safeLogger(logger);
    this.#connections = new Connections(native);
    this.#batch = new OutboundBatch(native, (call) => this.exchanges.get(call)?.markFull());
  }

  /** Keeps responses until `release`: the dispatcher holds them while it starts the calls of a batch. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Sends what was kept. */
  release(): void {
    this.#isHeld = false;
    this.#flush();
  }

  read(call: number): InboundMessages | null {
    this.#flushSoon();
    return this.#memory.read(call);
  }

  discard(call: number): void {
    this.#flushSoon();
    this.#native.discard(call);
  }

  respond(call: number, status: number, header: string[]): void {
    this.#flushSoon();
    this.#native.respond(call, status, header);
  }

  write(call: number, message: Outbound, header: string[] | null): void {
    this.#flushSoon();
    const batch = this.#batch;
    // With headers, or too large to gather, a message crosses by itself.
    const bytes = header === null ? batch.add(KIND_MESSAGE, call, message) : batch.bytesOf(message);
    if (bytes === undefined) {
      if (batch.waiting >= MAX_GATHERED_MESSAGES) batch.submit();
    } else if (!this.#native.write(call, bytes, header)) {
      this.exchanges.get(call)?.markFull();
    }
  }

  finish(call: number, message: Outbound | null, header: string[] | null, trailer: string[] | null): void {
    this.#flushSoon();
    const batch = this.#batch;
    if (header === null && trailer === null) {
      const oversized = batch.add(message === null ? KIND_END : KIND_ONLY_MESSAGE, call, message);
      if (oversized !== undefined) this.#native.finish(call, oversized, null, null);
    } else {
      batch.submit();
      this.#native.finish(call, message === null ? null : batch.bytesOf(message), header, trailer);
    }
    // Only now: if the message cannot be encoded, the call is still there to fail.
    this.exchanges.delete(call);
  }

  fail(call: number, failure: NativeFailure): void {
    this.exchanges.delete(call);
    this.#flushSoon();
    this.#batch.submit();
    this.#native.fail(call, failure);
  }

  peer(call: number, head: PeerHead): Peer {
    const connection = this.#connections.of(call);
    return connection === undefined ? UNKNOWN : inboundPeer(this.#native, connection, head);
  }

  report(what: string, ...details: unknown[]): void {
    this.#logger.error(what, ...details);
  }

  /** At `release`; otherwise by `nextTick`: from a promise, that is when all promises of this turn have run. */
  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    if (!this.#isHeld) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    if (!this.#flushIsDue) return;
    this.#flushIsDue = false;
    this.#batch.submit();
    this.#native.flush();
  }
}
