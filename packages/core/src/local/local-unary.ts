// A unary call in process.
import type { Message } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import type { Arrived } from "../boundary/arrived.ts";
import type { NativeFailure } from "../boundary/native.ts";
import type { HandlerMessage } from "../calls/handler-message.ts";
import { errorOf } from "./local-failure.ts";
import { appendTo } from "./local-headers.ts";
import { LocalPort, type LocalRequest } from "./local-port.ts";

type Settle = { resolve: (response: UnaryResponse) => void; reject: (error: unknown) => void };

/**
 * Makes a call with one message each way.
 *
 * @param input a message, or a plain object as `create()` takes it
 */
export function callUnary(request: LocalRequest, input: unknown): Promise<UnaryResponse> {
  return new Promise((resolve, reject) => new LocalUnary(request, input, { resolve, reject }));
}

class LocalUnary extends LocalPort {
  readonly #message: Message;
  readonly #settle: Settle;

  constructor(request: LocalRequest, input: unknown, settle: Settle) {
    // Before the call exists: one whose message cannot be sent reaches no server.
    const message = request.method.request(input);
    super(request);
    this.#message = message;
    this.#settle = settle;
    this.begin(request);
  }

  override read(): Arrived | null {
    return null;
  }

  override write(): void {
    throw new Error("the response of a unary call is one message");
  }

  override finish(_: number, message: HandlerMessage, header: string[] | null, trailer: string[] | null): void {
    const { clientMethod } = this.method;
    const response = this.method.response(message);
    this.endServer();
    this.end();
    const headers = new Headers(CONTENT_TYPE);
    appendTo(headers, header);
    const trailers = new Headers();
    appendTo(trailers, trailer);
    this.#settle.resolve({
      stream: false,
      service: clientMethod.parent,
      method: clientMethod,
      header: headers,
      message: response,
      trailer: trailers,
    } as UnaryResponse);
  }

  override fail(_: number, failure: NativeFailure): void {
    const error = errorOf(failure);
    this.endServer();
    this.end();
    this.#settle.reject(error);
  }

  protected override onlyRequest(): Message {
    return this.#message;
  }

  protected override reject(error: unknown): void {
    this.#settle.reject(error);
  }
}

const CONTENT_TYPE = { "content-type": "application/proto" };
