// The request that interceptors pass on to a handler.
import type { Message } from "@bufbuild/protobuf";
import type { HandlerContext, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { createContext, createContextWith } from "./context.ts";
import { isUnchanged, ownAccessors } from "./own-accessors.ts";

export type InterceptedRequest = UnaryRequest | StreamRequest;

/** The request of a call as interceptors see it: an unary message, or a stream of them. */
export function createRequest(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
  return new Proxy(new Request(call, message, stream), asOwn) as unknown as InterceptedRequest;
}

/** What the handler is given: the call's context, with what the interceptors made of header, signal and values. */
export function contextOf(call: Call, request: InterceptedRequest): HandlerContext {
  return isUnchanged(request) ? createContext(call) : createContextWith(call, request);
}

class Request {
  readonly #call: Call;
  readonly #message: Message | AsyncIterable<Message>;
  readonly #stream: boolean;

  constructor(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
    this.#call = call;
    this.#message = message;
    this.#stream = stream;
  }

  get stream() {
    return this.#stream;
  }

  get service() {
    return this.#call.route.method.parent;
  }

  get method() {
    return this.#call.route.method;
  }

  get requestMethod() {
    return this.#call.requestMethod;
  }

  get url() {
    return this.#call.url;
  }

  get signal() {
    return this.#call.signal;
  }

  get header() {
    return this.#call.requestHeader;
  }

  get contextValues() {
    return this.#call.values;
  }

  get message() {
    return this.#message;
  }
}

const asOwn = ownAccessors(Request.prototype);
