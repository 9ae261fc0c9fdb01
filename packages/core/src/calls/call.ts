// A call as JavaScript holds it: its head, its response, and its end. Whatever costs something is created on first
// use.
import type { Message } from "@bufbuild/protobuf";
import { type Code, ConnectError, type ContextValues, createContextValues } from "@connectrpc/connect";
import { type CallObserver, CallSignal, type ObservableCall } from "@connectum/hooks";
import type { Arrived, Inbound } from "../boundary/arrived.ts";
import type { CallHead } from "../boundary/call-head.ts";
import type { CallPort } from "../boundary/call-port.ts";
import { Exchange } from "../boundary/exchange.ts";
import { InboundMessages } from "../boundary/inbound-messages.ts";
import { fieldsOf } from "../boundary/metadata.ts";
import type { Peer } from "../options/peer.ts";
import type { Route } from "../services/route.ts";
import { CallObservers } from "./call-observers.ts";
import { CallValues } from "./call-values.ts";
import { contextValuesOf } from "./context-request.ts";
import { failureOf } from "./failure.ts";
import { HandlerMessage } from "./handler-message.ts";
import { layered } from "./layered-values.ts";

export class Call extends Exchange<CallPort<HandlerMessage>> implements ObservableCall {
  readonly route: Route;
  /** Whether its messages are JSON. */
  readonly json: boolean;
  /** Called once, when the call is over without a response. */
  onAbort: (() => void) | undefined;
  /**
   * The response that the innermost interceptor was given; the last one if it called `next` more than once. Undefined
   * when the call is over.
   */
  response: object | undefined;
  /** The size of the request message that was read last; undefined in process. */
  requestBytes: number | undefined = undefined;

  readonly #head: CallHead;
  readonly #deadline: number | undefined;
  readonly #clientValues: ContextValues | undefined;
  readonly #signal: CallSignal;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;
  /** Undefined if there are none, and when the call is over. */
  #observers: CallObservers | undefined;
  /** Response headers have left; later ones are ignored. */
  #hasStarted = false;

  /**
   * @param deadline when it must be over, in milliseconds of `performance.now()`; undefined without a deadline
   * @param clientValues context values of a client in the same process
   */
  constructor(
    port: CallPort<HandlerMessage>,
    id: number,
    route: Route,
    deadline: number | undefined,
    head: CallHead,
    clientValues?: ContextValues,
  ) {
    super(port, id, "connectum.call");
    this.route = route;
    this.#signal = new CallSignal(route.shutdownSignal);
    this.json = head.json;
    this.#head = head;
    this.#deadline = deadline;
    this.#clientValues = clientValues;
  }

  // For the handler's context.

  get url(): string {
    return this.#head.url;
  }

  get requestMethod(): string {
    return this.#head.requestMethod;
  }

  get protocolName(): string {
    return this.#head.protocolName;
  }

  get isLocal(): boolean {
    return this.#head.isLocal;
  }

  get peer(): Peer {
    return this.peerOf(this.#head);
  }

  get signal(): AbortSignal {
    return this.#signal.get();
  }

  /** Calls `listener` when the signal aborts, or would if there were one. Returns a function that stops listening. */
  whenAborted(listener: (reason: unknown) => void): () => void {
    return this.#signal.onAbort(listener);
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= this.#head.headers;
    return this.#requestHeader;
  }

  /** A request header as it came; undefined if `requestHeader` has to be asked, which somebody may have changed. */
  receivedHeader(name: string): string | null | undefined {
    return this.#requestHeader === undefined ? this.#head.header(name) : undefined;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  /** @throws whatever the application's `contextValues` throws */
  get values(): ContextValues {
    this.#values ??= this.#makeValues();
    return this.#values;
  }

  /** What is left until the deadline, in whole milliseconds; undefined without one. */
  timeoutMs(): number | undefined {
    return this.#deadline === undefined ? undefined : Math.round(this.#deadline - performance.now());
  }

  // For interceptors that measure.

  /** Has `observer` hear of what is read and written from now on, and of the end. False if that has come already. */
  observe(observer: CallObserver): boolean {
    if (this.isOver) return false;
    this.#observers ??= new CallObservers(this);
    this.#observers.add(observer);
    return true;
  }

  // For the server.

  /** The request messages that have arrived; null when none has. */
  read(): Arrived | null {
    // Rust may not know yet that it is over, and would make it wait.
    if (this.isOver) return InboundMessages.ofEndedCall();
    return this.port.read(this.id);
  }

  /**
   * The message for the handler.
   *
   * @param isShared whether the memory of the message holds other things too
   * @throws ConnectError `invalid_argument` for invalid bytes
   */
  parse(message: Inbound, isShared: boolean): Message {
    if (!(message instanceof Uint8Array)) {
      this.#observers?.request(message, undefined);
      return message;
    }
    const parsed = this.route.codec.parse(message, this.json, isShared);
    this.requestBytes = message.byteLength;
    this.#observers?.request(parsed, message.byteLength);
    return parsed;
  }

  /** @throws TypeError unless `header` is a `Headers` */
  replaceResponseHeader(header: Headers): void {
    assertHeaders("header", header);
    this.#responseHeader = header;
  }

  /** @throws TypeError unless `trailer` is a `Headers` */
  replaceResponseTrailer(trailer: Headers): void {
    assertHeaders("trailer", trailer);
    this.#responseTrailer = trailer;
  }

  /** Sends one message of a response stream. False asks to wait for `writable()`. */
  write(value: unknown): boolean {
    const header = this.#hasStarted ? null : fieldsOf(this.#responseHeader);
    const message = this.#message(value);
    try {
      this.port.write(this.id, message, header);
    } catch (error) {
      this.#observers?.unsent(error);
      throw error;
    }
    this.#hasStarted = true;
    this.#observers?.response(value, message.bytes);
    return !this.isFull;
  }

  /** Responds with the only message. */
  respond(value: unknown): void {
    if (this.isOver) return;
    const message = this.#message(value);
    try {
      this.port.finish(this.id, message, fieldsOf(this.#responseHeader), fieldsOf(this.#responseTrailer));
    } catch (error) {
      this.#observers?.unsent(error);
      throw error;
    }
    const observers = this.#observers;
    this.end();
    observers?.response(value, message.bytes);
    observers?.success();
  }

  /** Ends the response stream. */
  finish(): void {
    if (this.isOver) return;
    this.port.finish(this.id, null, fieldsOf(this.#responseHeader), fieldsOf(this.#responseTrailer));
    const observers = this.#observers;
    this.end();
    observers?.success();
  }

  /** Ends the call with an error: whatever was thrown. Never throws itself. */
  fail(thrown: unknown): void {
    let error = thrown;
    try {
      error = this.#reasonBehind(thrown);
      // A handler that was aborted usually throws the reason that it was given, which the log need not repeat.
      const isExpected = error instanceof ConnectError || (this.isOver && isAbortError(error));
      if (!isExpected) this.report(error);
    } catch (unreadable) {
      // A revoked proxy, or a getter that throws: the error itself cannot be inspected.
      error = undefined;
      this.report(unreadable);
    }
    if (this.isOver) return;
    try {
      const [header, trailer] = [fieldsOf(this.#responseHeader), fieldsOf(this.#responseTrailer)];
      this.port.fail(this.id, { ...failureOf(error, this.#failureContext()), header, trailer });
    } catch (unsendable) {
      // Metadata or details that are not what their type says. The client still gets an error, without them.
      this.report(unsendable);
      this.port.fail(this.id, failureOf(undefined, this.#failureContext()));
      error = unsendable;
    }
    const observers = this.#observers;
    this.end();
    observers?.failure(error);
  }

  /**
   * Logs an error of the handler.
   *
   * @param text the line of the log. Default: one that names the method
   */
  report(error: unknown, text?: string): void {
    const { method } = this.route;
    if (text === undefined)
      this.port.report(`handler for rpc ${method.name} of ${method.parent.typeName} failed`, error);
    else if (error === undefined) this.port.report(text);
    else this.port.report(text, error);
  }

  /** Aborts the signal. The call goes on, and the handler may still respond. */
  abortSignal(reason: ConnectError): void {
    this.run(() => this.#signal.abort(reason));
  }

  override abort(code: Code, message: string): void {
    if (this.isOver) return;
    const { onAbort } = this;
    const reason = new ConnectError(message, code);
    try {
      // Whoever hears of the abort may ask, and Rust is about to forget the call.
      void this.peer;
      this.abortSignal(reason);
    } finally {
      const observers = this.#observers;
      this.end();
      observers?.failure(reason);
      if (onAbort !== undefined) this.run(onAbort);
    }
  }

  protected override end(): void {
    super.end();
    // Whoever keeps the context of a call keeps the call, and should not keep its messages.
    this.onAbort = undefined;
    this.response = undefined;
    this.#observers = undefined;
    this.#head.end();
    this.#signal.end();
  }

  #makeValues(): ContextValues {
    const { contextValues } = this.route;
    const own = contextValues === undefined ? undefined : contextValuesOf(contextValues, this.#head, this);
    const client = this.#clientValues;
    return new CallValues(this, client === undefined ? own : layered(own ?? createContextValues(), client));
  }

  #message(value: unknown): HandlerMessage {
    return new HandlerMessage(this.route.codec, value, this.json);
  }

  #failureContext() {
    const { protocolName, route } = this;
    return { protocolName, jsonOptions: route.options.jsonOptions, report: (error: unknown) => this.report(error) };
  }

  /** Node's own functions throw an `AbortError` whose cause is the reason of the signal. */
  #reasonBehind(thrown: unknown): unknown {
    const { reason } = this.#signal;
    const isOurs = reason !== undefined && isAbortError(thrown) && thrown.cause === reason;
    return isOurs ? reason : thrown;
  }
}

function isAbortError(error: unknown): error is Error {
  return error instanceof Error && error.name === "AbortError";
}

function assertHeaders(what: string, headers: unknown): void {
  if (!(headers instanceof Headers)) throw new TypeError(`the ${what} of a response must be Headers`);
}
