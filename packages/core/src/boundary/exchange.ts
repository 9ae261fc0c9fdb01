// The common part of a call and a plain HTTP request: an async context, request messages to wait for, a response that
// may have to wait, and an end.
import { AsyncResource } from "node:async_hooks";
import type { Code } from "@connectrpc/connect";
import { type Peer, UNKNOWN } from "../options/peer.ts";
import type { CallPort } from "./call-port.ts";
import type { PeerHead } from "./inbound-peer.ts";

/** @typeParam P its port */
export abstract class Exchange<P extends CallPort = CallPort> {
  readonly id: number;
  protected readonly port: P;
  /** An async context of its own: what one handler enters, the next must not see. */
  readonly #scope: AsyncResource;
  #isOver = false;
  #isFull = false;
  #peer: Peer | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** @param type the name of its async resource */
  constructor(port: P, id: number, type: string) {
    this.port = port;
    this.id = id;
    // The garbage collector tells async hooks of its end: the context may be entered even after the response. It is the
    // default, but reading it from Node's own empty object takes as long again as the rest.
    this.#scope = new AsyncResource(type, { requireManualDestroy: false });
  }

  /** Whether the response is complete, or nobody waits for it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the next part of the response has to wait for `writable`. */
  protected get isFull(): boolean {
    return this.#isFull;
  }

  /** Who has made it. What was not looked at before the end is unknown. */
  protected peerOf(head: PeerHead): Peer {
    this.#peer ??= this.#isOver ? UNKNOWN : this.port.peer(this.id, head);
    return this.#peer;
  }

  /** Runs `work` in the exchange's async context. */
  run<A extends unknown[]>(work: (...args: A) => void, ...args: A): void {
    this.#scope.runInAsyncScope(work, undefined, ...args);
  }

  /** Resolves when `read` is worth another try. One reader may wait at a time. */
  readable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  /** Resolves when the response has room, or the exchange is over. One writer may wait at a time. */
  writable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  // Events from Rust.

  /** The client reset it, its deadline passed, or the server closed it. */
  abstract abort(code: Code, message: string): void;

  /** Request messages have arrived. */
  wakeReader(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  /** The response has no more room. */
  markFull(): void {
    this.#isFull = true;
  }

  /** The response has room. */
  wakeWriter(): void {
    this.#isFull = false;
    const wake = this.#wakeWriter;
    this.#wakeWriter = undefined;
    wake?.();
  }

  /** Ends the exchange, and wakes reader and writer. */
  protected end(): void {
    this.#isOver = true;
    this.wakeReader();
    this.wakeWriter();
  }
}
