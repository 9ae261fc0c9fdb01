// A request that is no RPC, as it crosses: what Rust said of it, its body, and how to answer.
import { AsyncResource } from "node:async_hooks";
import { Code } from "@connectrpc/connect";
import type { CallPort } from "../boundary/call-port.ts";
import { InboundMessages } from "../boundary/inbound-messages.ts";

/** Who hears what becomes of an exchange. */
export interface ExchangeObserver {
  /** Its client has gone, or the server was told to end. */
  onAbort(): void;
}

export class HttpExchange {
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly target: string;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** What HTTP/2 has instead of the header `host`; empty over HTTP/1. */
  readonly authority: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
  observer: ExchangeObserver | undefined;

  readonly #port: CallPort;
  readonly #id: number;
  /** As calls have one: what one handler enters, the next must not see. */
  readonly #scope = new AsyncResource("connectum.request", { requireManualDestroy: true });
  #isOver = false;
  #isFull = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** @param head what the request is, then name and value of each header, a line each; see docs/boundary.md */
  constructor(port: CallPort, id: number, head: string) {
    this.#port = port;
    this.#id = id;
    const [method, target, httpVersion, scheme, authority, remoteAddress, remotePort, ...headers] = head.split("\n");
    this.method = method as string;
    this.target = target as string;
    this.httpVersion = httpVersion as string;
    this.scheme = scheme as string;
    this.authority = authority as string;
    this.remoteAddress = remoteAddress as string;
    this.remotePort = Number(remotePort);
    this.rawHeaders = headers;
  }

  /** Whether it was answered, or nobody waits for an answer any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs in the exchange's async context. */
  run(work: () => void): void {
    this.#scope.runInAsyncScope(work);
  }

  /** The bytes that have arrived; null when there are none yet. */
  read(): InboundMessages | null {
    if (this.#isOver) return InboundMessages.nothing();
    return this.#port.read(this.#id);
  }

  /** Resolves when `read` is worth another try. */
  readable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  /** Sends status and headers. The first time counts. */
  respond(status: number, header: string[]): void {
    if (this.#isOver) return;
    this.#port.respond(this.#id, status, header);
  }

  /** Sends bytes of the body. False asks to wait for `writable()`. */
  write(bytes: Uint8Array): boolean {
    if (this.#isOver) return true;
    this.#port.write(this.#id, () => bytes, undefined);
    return !this.#isFull;
  }

  /** Resolves when there is room for more, or when the exchange is over. */
  writable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Ends the response. */
  finish(trailer: string[]): void {
    if (this.#isOver) return;
    this.#port.finish(this.#id, null, undefined, trailer.length === 0 ? undefined : trailer);
    this.#end();
  }

  /** Leaves the request unanswered: its client is told that there is nothing. */
  pass(): void {
    this.#fail(Code.Unimplemented);
  }

  /** Ends the response as a failure: 500, or a body that is broken off when its headers have left. */
  breakOff(): void {
    this.#fail(Code.Internal);
  }

  /** The body has stopped half-way: its client has gone, though Rust may not have noticed. */
  lose(): void {
    if (this.#isOver) return;
    this.#port.fail(this.#id, { code: Code.Canceled, message: "", details: [] });
    this.abort();
  }

  /** Writes an error into the log. */
  report(error: unknown): void {
    this.#port.report(`httpHandler failed for ${this.method} ${this.target}`, error);
  }

  // What Rust tells.

  wakeReader(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  markFull(): void {
    this.#isFull = true;
  }

  wakeWriter(): void {
    this.#isFull = false;
    const wake = this.#wakeWriter;
    this.#wakeWriter = undefined;
    wake?.();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#end();
    try {
      this.run(() => this.observer?.onAbort());
    } catch (error) {
      // Handlers replace methods of their requests, even the prototype. Whoever tells of other calls next must not hear of it.
      this.report(error);
    }
  }

  #fail(code: Code): void {
    if (this.#isOver) return;
    this.#port.fail(this.#id, { code, message: "", details: [] });
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.wakeReader();
    this.wakeWriter();
  }
}
