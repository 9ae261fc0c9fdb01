// Serves a call that has interceptors: they pass the request in, the innermost `next` is the handler, and they pass the
// response out. Calls without interceptors are served by serve-unary and serve-stream.
import { AsyncResource } from "node:async_hooks";
import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { around, isThenable } from "@connectum/hooks";
import type { Inbound } from "../boundary/arrived.ts";
import { assertResponse } from "../catalog/assert-response.ts";
import type { Call } from "./call.ts";
import { contextOf, createRequest, type InterceptedRequest } from "./intercepted-request.ts";
import { adoptHeader, adoptTrailer, createResponse, type InterceptedResponse } from "./intercepted-response.ts";
import { giveUp, iteratorOf, requestsOf, sendAll } from "./serve-stream.ts";

type Next = (request: InterceptedRequest) => Promise<InterceptedResponse>;

/**
 * @param message the only request message; null when the client sends a stream
 * @param isShared whether the memory of the message holds other things too
 */
export function serveIntercepted(call: Call, message: Inbound | null, isShared: boolean): void {
  try {
    const { interceptors, streamsRequests, streamsResponses } = call.route;
    const isUnary = !streamsRequests && !streamsResponses;
    const invoke: Next = isUnary ? (request) => invokeUnary(call, request) : (request) => invokeStream(call, request);
    const chain = around(invoke, interceptors);
    const input =
      isUnary && message !== null
        ? call.parse(message, isShared)
        : message === null
          ? requestsOf(call)
          : requestOf(call, isShared ? ownCopy(message) : message);
    chain(createRequest(call, input, !isUnary)).then(
      (response) => (isUnary ? respondUnary(call, response) : void respondStream(call, response)),
      (error) => call.fail(error),
    );
  } catch (error) {
    call.fail(error);
  }
}

/** The innermost step of a unary call. Not an async function, which would take more turns of the promise queue. */
function invokeUnary(call: Call, request: InterceptedRequest): Promise<InterceptedResponse> {
  const { codec, handler } = call.route;
  const responseOf = (value: unknown) => createResponse(call, codec.toMessage(value), false);
  try {
    const value = handler(request.message as Message, contextOf(call, request));
    return isThenable(value) ? Promise.resolve(value).then(responseOf) : Promise.resolve(responseOf(value));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The innermost step of the other three kinds. */
async function invokeStream(call: Call, request: InterceptedRequest): Promise<InterceptedResponse> {
  const { codec, handler, streamsRequests, streamsResponses } = call.route;
  const messages = request.message as AsyncIterable<Message>;
  const input = streamsRequests ? messages : await only(messages, notOneRequest);
  const output = handler(input, contextOf(call, request));
  const responses = streamsResponses ? responsesOf(call, output) : once(codec.toMessage(await output));
  return createResponse(call, responses, true);
}

/** Sends what came out of the chain. Never throws. */
function respondUnary(call: Call, response: InterceptedResponse): void {
  try {
    assertResponse(response);
    adoptHeader(call, response);
    adoptTrailer(call, response);
    call.respond(response.message);
  } catch (error) {
    call.fail(error);
  }
}

/** The same for the other three kinds. Never rejects. */
async function respondStream(call: Call, response: InterceptedResponse): Promise<void> {
  try {
    assertResponse(response);
    const { streamsResponses } = call.route;
    adoptHeader(call, response);
    if (streamsResponses) {
      const responses = iteratorOf(response.message);
      if (call.isOver) await giveUp(call, responses);
      else await sendAll(call, responses, () => adoptTrailer(call, response));
    } else {
      const value = await only(response.message as AsyncIterable<Message>, notOneResponse);
      adoptTrailer(call, response);
      call.respond(value);
    }
  } catch (error) {
    call.fail(error);
  }
}

/**
 * Parses the message when it is asked for, so that interceptors see the error of an invalid one. That may be late, so
 * bytes must be memory of their own.
 */
async function* requestOf(call: Call, message: Inbound): AsyncGenerator<Message> {
  yield call.parse(message, false);
}

function ownCopy(message: Inbound): Inbound {
  return message instanceof Uint8Array ? message.slice() : message;
}

/**
 * The messages that a handler yields. Each step of the handler runs in the async context of the innermost interceptor;
 * a native generator would run in the context of the code that asks for its next message.
 */
function responsesOf(call: Call, output: unknown): AsyncIterableIterator<Message> {
  const { codec } = call.route;
  const scope = new AsyncResource("connectum.handler");
  const source = iteratorOf(output);
  const responses: AsyncIterableIterator<Message> = {
    [Symbol.asyncIterator]: () => responses,
    next: async () => {
      const { done, value } = await scope.runInAsyncScope(() => source.next());
      return done === true ? { done, value: undefined } : { value: codec.toMessage(value) };
    },
    return: async () => {
      await scope.runInAsyncScope(() => source.return?.());
      return { done: true, value: undefined };
    },
  };
  return responses;
}

async function* once(message: Message): AsyncGenerator<Message> {
  yield message;
}

/** The only message of a stream, which interceptors may have changed. */
async function only(messages: AsyncIterable<Message>, wrong: (count: string) => Error): Promise<Message> {
  let only: Message | undefined;
  for await (const message of messages) {
    if (only !== undefined) throw wrong("more than one");
    only = message;
  }
  if (only === undefined) throw wrong("no");
  return only;
}

const notOneRequest = (count: string) =>
  new ConnectError(`protocol error: ${count} request message instead of one`, Code.Unimplemented);
const notOneResponse = (count: string) =>
  new TypeError(`an interceptor returned ${count} response message instead of one`);
