// Calls through interceptors without a transport: requests and responses of the echo service, and their outcomes.
import { create, type Message } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { createMockFn, createMockRequest, type MockFn, type MockRequestOptions } from "@connectum/test-fixtures";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

export type Next = ReturnType<Interceptor>;
export type AnyRequest = UnaryRequest | StreamRequest;
export type AnyResponse = UnaryResponse | StreamResponse;

/** A unary request; of `Echo` unless another method is given. */
export function unaryRequest(given: MockRequestOptions = {}): UnaryRequest {
  const { echo } = EchoService.method;
  const message = create(EchoRequestSchema, { text: "question" });
  return createMockRequest({ method: echo, message, ...given, stream: false });
}

/** A request of `EchoBidiStream`, unless another method is given. */
export function streamRequest(texts: readonly string[] = ["question"], given: MockRequestOptions = {}): StreamRequest {
  const message = streamOf(...texts.map((text) => create(EchoRequestSchema, { text })));
  return createMockRequest({ method: EchoService.method.echoBidiStream, message, ...given, stream: true });
}

/** The response to a request: one message, or the given ones for a stream. */
export function responseTo(request: AnyRequest, messages?: AsyncIterable<Message>): AnyResponse {
  const { service } = request;
  const head = { service, header: new Headers(), trailer: new Headers() };
  const message = create(EchoResponseSchema, { text: "answer" });
  if (!request.stream) return { ...head, method: request.method, stream: false, message };
  return { ...head, method: request.method, stream: true, message: messages ?? streamOf(message) };
}

/** A handler that responds. */
export function answering(): MockFn<Next> {
  return createMockFn<Next>(async (request) => responseTo(request));
}

/** A handler that fails with these errors in turn, then always with the last. `undefined` means a response. */
export function failing(...errors: unknown[]): MockFn<Next> {
  const next = createMockFn<Next>(async (request) => {
    const error = errors[Math.min(next.mock.callCount(), errors.length) - 1];
    if (error !== undefined) throw error;
    return responseTo(request);
  });
  return next;
}

/** A handler whose response stream fails after this many messages. */
export function failingStream(error: unknown, after = 0): Next {
  async function* messages() {
    for (let index = 0; index < after; index++) yield create(EchoResponseSchema, { index });
    throw error;
  }
  return async (request) => responseTo(request, messages());
}

/** Runs a request through interceptors, the first outermost. */
export function run(interceptors: Interceptor | readonly Interceptor[], next: Next, request: AnyRequest) {
  return [interceptors].flat().reduceRight<Next>((inner, interceptor) => interceptor(inner), next)(request);
}

/** The value that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}

/** All messages of a response, read to its end. */
export async function messagesOf(response: AnyResponse): Promise<Message[]> {
  if (!response.stream) return [response.message];
  const messages: Message[] = [];
  for await (const message of response.message) messages.push(message);
  return messages;
}

export async function* streamOf<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}
