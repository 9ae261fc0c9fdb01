// The response that a handler's interceptors pass back.
import type { Message } from "@bufbuild/protobuf";
import type { StreamResponse, UnaryResponse } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { isUnchanged, ownAccessors } from "./own-accessors.ts";

export type InterceptedResponse = UnaryResponse | StreamResponse;

/** The response of a call as interceptors see it: an unary message, or a stream of them. */
export function createResponse(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
  const response = new Proxy(new Response(call, message, stream), asOwn) as unknown as InterceptedResponse;
  call.response = response;
  return response;
}

/** Makes the header of a response its call's. A generator that has not begun yet adds to it. */
export function adoptHeader(call: Call, response: InterceptedResponse): void {
  if (!isOwn(call, response)) call.replaceResponseHeader(response.header);
}

/** Makes the trailer of a response its call's, when the handler has ended. */
export function adoptTrailer(call: Call, response: InterceptedResponse): void {
  if (!isOwn(call, response)) call.replaceResponseTrailer(response.trailer);
}

/** Whether it is the very response that was made, as it was made; not so a copy, or one behind another object. */
function isOwn(call: Call, response: InterceptedResponse): boolean {
  return call.response === response && isUnchanged(response);
}

class Response {
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

  get header() {
    return this.#call.responseHeader;
  }

  get trailer() {
    return this.#call.responseTrailer;
  }

  get message() {
    return this.#message;
  }
}

const asOwn = ownAccessors(Response.prototype);
