// The response that interceptors get from `next`, and pass back.
import type { Message } from "@bufbuild/protobuf";
import type { StreamResponse, UnaryResponse } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { isUnchanged, ownAccessors } from "./own-accessors.ts";

export type InterceptedResponse = UnaryResponse | StreamResponse;

/** The response of a call: its message, or a stream of messages. */
export function createResponse(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
  const response = new Proxy(new Response(call, message, stream), asOwn) as unknown as InterceptedResponse;
  if (!call.isOver) call.response = response;
  return response;
}

/** Has the call send the header of `response`. A generator that has not started yet may still add to it. */
export function adoptHeader(call: Call, response: InterceptedResponse): void {
  if (!isOwn(call, response)) call.replaceResponseHeader(response.header);
}

/** Has the call send the trailer of `response`; called when the handler has ended. */
export function adoptTrailer(call: Call, response: InterceptedResponse): void {
  if (!isOwn(call, response)) call.replaceResponseTrailer(response.trailer);
}

/**
 * Whether `response` is the one that was made for the call, unchanged: not a copy, and not one behind another object.
 */
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
