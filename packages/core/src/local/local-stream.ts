// A call in process that streams in, out, or both.
import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import type { Arrived } from "../boundary/arrived.ts";
import type { NativeFailure } from "../boundary/native.ts";
import type { HandlerMessage } from "../calls/handler-message.ts";
import { errorOf } from "./local-failure.ts";
import { appendTo } from "./local-headers.ts";
import { LocalPort, type LocalRequest } from "./local-port.ts";
import { LocalQueue } from "./local-queue.ts";

type Settle = { resolve: (response: StreamResponse) => void; reject: (error: unknown) => void };

/**
 * Makes a call of one of the three kinds that stream. The response resolves when its headers are known: with the first
 * message, the end, or the error, which its messages throw.
 *
 * @param input the request messages: one for a method that streams responses only
 */
export function callStream(request: LocalRequest, input: AsyncIterable<unknown>): Promise<StreamResponse> {
  return new Promise((resolve, reject) => new LocalStream(request, input, { resolve, reject }));
}

class LocalStream extends LocalPort {
  readonly #settle: Settle;
  readonly #input: AsyncIterator<unknown>;
  readonly #requests: LocalQueue;
  readonly #responses: LocalQueue;
  readonly #trailer = new Headers();
  #hasStarted = false;
  /** Those that have been sent. */
  #header: string[] | null = null;
  #only: Message | undefined;

  constructor(request: LocalRequest, input: AsyncIterable<unknown>, settle: Settle) {
    super(request);
    this.#settle = settle;
    this.#input = input[Symbol.asyncIterator]();
    this.#requests = new LocalQueue();
    this.#responses = new LocalQueue(() => this.end());
    this.begin(request);
  }

  // For the server.

  override read(): Arrived | null {
    return this.#requests.takeAll();
  }

  override write(_: number, message: HandlerMessage, header: string[] | null): void {
    const response = this.method.response(message);
    this.#start(header);
    if (!this.#responses.push(response)) {
      this.call.markFull();
      void this.#responses.room().then(() => this.call.wakeWriter());
    }
  }

  override finish(_: number, message: HandlerMessage | null, header: string[] | null, trailer: string[] | null): void {
    const response = message === null ? undefined : this.method.response(message);
    this.#start(header);
    if (response !== undefined) this.#responses.push(response);
    appendTo(this.#trailer, trailer);
    this.endServer();
    this.#responses.end("end");
  }

  override fail(_: number, failure: NativeFailure): void {
    // Once headers have been sent, later ones are none.
    const header = this.#hasStarted ? this.#header : failure.header;
    const error = errorOf({ ...failure, header });
    this.#start(header);
    this.endServer();
    this.#responses.end(error);
  }

  protected override onlyRequest(): Message | null | undefined {
    if (this.#only !== undefined) return this.#only;
    if (this.method.route.streamsRequests) {
      void this.#send();
      return null;
    }
    void this.#sendOnly();
    return undefined;
  }

  protected override reject(error: ConnectError): void {
    if (!this.#hasStarted) this.#settle.reject(error);
    this.#hasStarted = true;
    this.#responses.abort(error);
  }

  protected override endServer(): void {
    if (this.isServed) return;
    super.endServer();
    this.#requests.end("end");
    this.#closeInput();
  }

  /** Sends what the client yields, no faster than the handler reads. Never rejects. */
  async #send(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#input.next();
        if (this.isServed) return;
        if (done === true) break;
        const hasRoom = this.#requests.push(this.method.request(value));
        this.call.wakeReader();
        if (!hasRoom) await this.#requests.room();
        if (this.isServed) return;
      }
      this.#requests.end("end");
      this.call.wakeReader();
    } catch (error) {
      this.cancel(ConnectError.from(error, Code.Internal));
    }
  }

  /** Reads the one message of a method that does not stream requests, and serves the call then. Never rejects. */
  async #sendOnly(): Promise<void> {
    const kind = this.method.route.method.methodKind.replace("_", "-");
    const refuse = (what: string) =>
      this.give(new ConnectError(`protocol error: ${what} input message for ${kind} method`, Code.Unimplemented));
    try {
      const { done, value } = await this.#input.next();
      if (this.isServed) return;
      if (done === true) {
        refuse("missing");
        return;
      }
      const message = this.method.request(value);
      const next = await this.#input.next();
      if (this.isServed) return;
      if (next.done !== true) {
        refuse("received extra");
        return;
      }
      this.#only = message;
      this.serve();
    } catch (error) {
      this.cancel(ConnectError.from(error, Code.Internal));
    }
  }

  /** The client's generator runs its `finally`, even if the handler did not read all. */
  #closeInput(): void {
    try {
      // What the application's own iterator does here is nobody's concern any more.
      void this.#input.return?.()?.then(undefined, () => {});
    } catch {
      // Not even if it throws.
    }
  }

  #start(header: string[] | null): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#header = header;
    const headers = new Headers(CONTENT_TYPE);
    appendTo(headers, header);
    const { clientMethod } = this.method;
    this.#settle.resolve({
      stream: true,
      service: clientMethod.parent,
      method: clientMethod,
      header: headers,
      message: this.#messages(),
      trailer: this.#trailer,
    } as StreamResponse);
  }

  /** The response messages. Leaving a loop over them early cancels the call. */
  #messages(): AsyncIterable<Message> {
    const iterator: AsyncIterator<Message> = {
      next: () => this.#responses.next(),
      return: async () => {
        this.cancel(new ConnectError("the client canceled the call", Code.Canceled));
        return { done: true, value: undefined };
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }
}

const CONTENT_TYPE = { "content-type": "application/connect+proto" };
