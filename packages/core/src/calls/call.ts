// A call as JavaScript holds it: what Rust said of it, how to answer it, and its end. Everything that costs something
// is made when somebody looks at it.
import { AsyncResource } from "node:async_hooks";
import { type Code, ConnectError, type ContextValues, createContextValues } from "@connectrpc/connect";
import type { CallHead } from "../boundary/call-head.ts";
import type { CallPort, EncodeInto } from "../boundary/call-port.ts";
import { InboundMessages } from "../boundary/inbound-messages.ts";
import { fieldsOf } from "../boundary/metadata.ts";
import { isGet, isJson, protocolName } from "../boundary/native.ts";
import type { Route } from "../services/route.ts";
import { CallSignal } from "./call-signal.ts";
import { failureOf } from "./failure.ts";

export class Call {
  readonly id: number;
  readonly route: Route;
  /** Whether its messages are JSON. */
  readonly json: boolean;
  /** Called once, when the call is over without having been answered. */
  onAbort: (() => void) | undefined;
  /** The response as the innermost interceptor was given it, the last one if it asked more than once. */
  response: object | undefined;

  readonly #port: CallPort;
  readonly #flags: number;
  readonly #head: CallHead;
  readonly #deadline: number | undefined;
  /** The call's own async context: what one handler enters, the next must not see. */
  readonly #scope = new AsyncResource("connectum.call", { requireManualDestroy: true });
  readonly #signal = new CallSignal();
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;
  #isOver = false;
  /** Headers have left: what is set later comes too late. */
  #hasBegun = false;
  #isFull = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /**
   * @param deadline when it must be over, by `performance.now()`; undefined without a deadline
   */
  constructor(port: CallPort, id: number, route: Route, flags: number, deadline: number | undefined, head: CallHead) {
    this.#port = port;
    this.id = id;
    this.route = route;
    this.json = isJson(flags);
    this.#flags = flags;
    this.#head = head;
    this.#deadline = deadline;
  }

  // What the handler's context shows.

  get url(): string {
    return this.#head.url;
  }

  get requestMethod(): string {
    return isGet(this.#flags) ? "GET" : "POST";
  }

  get protocolName(): string {
    return protocolName(this.#flags);
  }

  get signal(): AbortSignal {
    return this.#signal.get(this.route.shutdownSignal);
  }

  /** Calls `listener` when the signal aborts, or would if there were one. Gives what stops that. */
  whenAborted(listener: (reason: unknown) => void): () => void {
    return this.#signal.onAbort(listener, this.route.shutdownSignal);
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= this.#head.headers;
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  get values(): ContextValues {
    this.#values ??= createContextValues();
    return this.#values;
  }

  /** What is left until the deadline, in whole milliseconds; undefined without one. */
  timeoutMs(): number | undefined {
    return this.#deadline === undefined ? undefined : Math.round(this.#deadline - performance.now());
  }

  // What the server does with it.

  /** Runs in the call's async context. */
  run<A extends unknown[]>(work: (...args: A) => void, ...args: A): void {
    this.#scope.runInAsyncScope(work, undefined, ...args);
  }

  /** Whether it was answered, or nobody waits for an answer any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The request messages that have arrived; null when there are none yet. */
  read(): InboundMessages | null {
    // Rust may not know yet, and would have it wait.
    if (this.#isOver) return InboundMessages.nothing();
    return this.#port.read(this.id);
  }

  /** Resolves when `read` is worth another try. */
  readable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  /** @throws TypeError unless these are headers */
  replaceResponseHeader(header: Headers): void {
    assertHeaders("header", header);
    this.#responseHeader = header;
  }

  /** @throws TypeError unless these are headers */
  replaceResponseTrailer(trailer: Headers): void {
    assertHeaders("trailer", trailer);
    this.#responseTrailer = trailer;
  }

  /** Sends one message of a response stream. False asks to wait for `writable()`. */
  write(value: unknown): boolean {
    const header = this.#hasBegun ? undefined : fieldsOf(this.#responseHeader);
    this.#port.write(this.id, this.#outgoing(value), header);
    this.#hasBegun = true;
    return !this.#isFull;
  }

  /** Lets go of the memory that came with other calls. */
  detachHead(): void {
    this.#head.keep();
  }

  /** Resolves when there is room for more, or when the call is over. */
  writable(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Answers with the only message. */
  answer(value: unknown): void {
    if (this.#isOver) return;
    this.#port.finish(this.id, this.#outgoing(value), fieldsOf(this.#responseHeader), fieldsOf(this.#responseTrailer));
    this.#end();
  }

  /** Ends the response stream. */
  finish(): void {
    if (this.#isOver) return;
    this.#port.finish(this.id, null, fieldsOf(this.#responseHeader), fieldsOf(this.#responseTrailer));
    this.#end();
  }

  /** Ends the call with an error: whatever was thrown. Never throws itself. */
  fail(thrown: unknown): void {
    let error = thrown;
    try {
      error = this.#reasonBehind(thrown);
      // A handler that is told to stop often throws what it was told, which is no news. Anything else is.
      const isNews = !(error instanceof ConnectError) && !(this.#isOver && isAbortError(error));
      if (isNews) this.report(error);
    } catch (unreadable) {
      // A revoked proxy, a getter that throws: what was thrown cannot even be looked at.
      error = undefined;
      this.report(unreadable);
    }
    if (this.#isOver) return;
    try {
      this.#port.fail(this.id, {
        ...failureOf(error, this),
        ...optional("header", fieldsOf(this.#responseHeader)),
        ...optional("trailer", fieldsOf(this.#responseTrailer)),
      });
    } catch (unsendable) {
      // Metadata or details that are not what their type says. Without them the client still gets an answer.
      this.report(unsendable);
      this.#port.fail(this.id, failureOf(undefined, this));
    }
    this.#end();
  }

  /** Writes an error into the log. */
  report(error: unknown): void {
    const { method } = this.route;
    this.#port.report(`handler for rpc ${method.name} of ${method.parent.typeName} failed`, error);
  }

  /** Aborts the signal. The call goes on, and may still be answered. */
  abortSignal(reason: ConnectError): void {
    this.run(() => this.#signal.abort(reason));
  }

  // What Rust tells.

  /** Request messages have arrived. */
  wakeReader(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  /** There is no room for more response messages. */
  markFull(): void {
    this.#isFull = true;
  }

  /** There is room for response messages. */
  wakeWriter(): void {
    this.#isFull = false;
    const wake = this.#wakeWriter;
    this.#wakeWriter = undefined;
    wake?.();
  }

  /** Reset, expired, or cut. */
  abort(code: Code, message: string): void {
    if (this.#isOver) return;
    this.abortSignal(new ConnectError(message, code));
    this.#end();
    if (this.onAbort !== undefined) this.run(this.onAbort);
  }

  #outgoing(value: unknown): EncodeInto {
    return (writer) => this.route.codec.serialize(value, this.json, writer);
  }

  #end(): void {
    this.#isOver = true;
    this.#signal.complete();
    this.wakeReader();
    this.wakeWriter();
  }

  /** `AbortError`s of Node's own functions carry the reason of the signal they were given. */
  #reasonBehind(thrown: unknown): unknown {
    const { reason } = this.#signal;
    const isOurs = reason !== undefined && isAbortError(thrown) && thrown.cause === reason;
    return isOurs ? reason : thrown;
  }
}

function isAbortError(error: unknown): error is Error {
  return error instanceof Error && error.name === "AbortError";
}

function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
}

function assertHeaders(what: string, headers: unknown): void {
  if (!(headers instanceof Headers)) throw new TypeError(`the ${what} of a response must be Headers`);
}
