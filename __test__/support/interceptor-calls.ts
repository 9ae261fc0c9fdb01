// Calls through interceptors without a transport: requests like connect's, and their outcomes.
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import {
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

export type Next = ReturnType<Interceptor>;
export type AnyRequest = UnaryRequest | StreamRequest;
export type AnyResponse = UnaryResponse | StreamResponse;

interface Given {
  readonly method?: DescMethod;
  readonly signal?: AbortSignal;
  readonly header?: Headers;
  readonly url?: string;
}

const base = ({ method, signal, header, url }: Given, fallback: DescMethod) => {
  const called = method ?? fallback;
  return {
    service: called.parent,
    requestMethod: "POST",
    url: url ?? `https://example.com/${called.parent.typeName}/${called.name}`,
    signal: signal ?? new AbortController().signal,
    header: header ?? new Headers(),
    contextValues: createContextValues(),
  };
};

/** A unary request; of `Echo` unless another method is given. */
export function unaryRequest(given: Given & { readonly message?: Message } = {}): UnaryRequest {
  const method = (given.method ?? EchoService.method.echo) as UnaryRequest["method"];
  const message = given.message ?? create(EchoRequestSchema, { text: "question" });
  return { ...base(given, method), method, stream: false, message };
}

/** A request of `EchoBidiStream`. */
export function streamRequest(texts: readonly string[] = ["question"], given: Given = {}): StreamRequest {
  const method = (given.method ?? EchoService.method.echoBidiStream) as StreamRequest["method"];
  async function* messages() {
    for (const text of texts) yield create(EchoRequestSchema, { text });
  }
  return { ...base(given, method), method, stream: true, message: messages() };
}

/** The response to a request: one message, or the given ones for a stream. */
export function responseTo(request: AnyRequest, messages?: AsyncIterable<Message>): AnyResponse {
  const { service } = request;
  const head = { service, header: new Headers(), trailer: new Headers() };
  const message = create(EchoResponseSchema, { text: "answer" });
  if (!request.stream) return { ...head, method: request.method, stream: false, message };
  return { ...head, method: request.method, stream: true, message: messages ?? streamOf(message) };
}

/** A handler that responds, and counts its calls. */
export function answering(): Next & { calls: number } {
  const next = Object.assign(
    async (request: AnyRequest) => {
      next.calls += 1;
      return responseTo(request);
    },
    { calls: 0 },
  );
  return next;
}

/** A handler that fails with these errors in turn, then always with the last. `undefined` means a response. */
export function failing(...errors: unknown[]): Next & { calls: number } {
  const next = Object.assign(
    async (request: AnyRequest) => {
      const error = errors[Math.min(next.calls, errors.length - 1)];
      next.calls += 1;
      if (error !== undefined) throw error;
      return responseTo(request);
    },
    { calls: 0 },
  );
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
