// A call behind the interceptors of its client: the request that they see, its deadline, its signal, its errors. In
// process and to other servers, as connect's own transports do it.
import { create, type DescMethod, type DescService, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { around, CallSignal, MAX_TIMER_MS, ON_ABORT } from "@connectum/hooks";
import type { CanceledBy } from "./abortable-unary.ts";
import { assertResponse } from "./assert-response.ts";
import { passedOn } from "./client-only-values.ts";

export type ClientRequest = UnaryRequest | StreamRequest;
export type ClientResponse = UnaryResponse | StreamResponse;
/** Sends a request that has passed the interceptors. */
export type Send = (request: ClientRequest, left: Left) => Promise<ClientResponse>;

/** What the interceptors have left of a call, beside its request. */
export interface Left {
  /** In milliseconds, at least 1; undefined is no limit. */
  readonly timeoutMs: number | undefined;
  /** The context values of the request. Those of a handler stay on the client's side. */
  readonly values: ContextValues;
}

type Next = (request: ClientRequest) => Promise<ClientResponse>;

/** A call as its client makes it. */
export interface ClientCall {
  readonly method: DescMethod;
  readonly url: string;
  readonly header: Headers;
  /** In milliseconds; undefined is no limit. */
  readonly timeoutMs: number | undefined;
  readonly canceledBy: CanceledBy;
  readonly values: ContextValues | undefined;
  /** A message, or several for a method that streams; each may be a plain object as `create()` takes it. */
  readonly input: unknown;
}

/**
 * Makes a call. As over connect's own transports, what an interceptor rejects with becomes a ConnectError, and what it
 * throws before it has returned a promise stays as it is.
 *
 * @param interceptors the first is outermost
 * @throws ConnectError for a call that fails; whatever an interceptor throws at once; TypeError for one that returns no
 * response
 */
export async function callIntercepted(
  call: ClientCall,
  interceptors: readonly Interceptor[],
  send: Send,
): Promise<ClientResponse> {
  const signal = new CallSignal(call.canceledBy);
  const deadline = new Deadline(call.timeoutMs, () => signal.abort(expired()));
  const end = () => {
    deadline.clear();
    signal.end();
  };
  const fail = (thrown: unknown): ConnectError => {
    // It has the reason of what cancels the call once somebody listens.
    signal.onAbort(() => {});
    const { reason } = signal;
    end();
    return reason === undefined ? ConnectError.from(thrown) : ConnectError.from(reason, Code.Canceled);
  };
  const next = async (request: ClientRequest) =>
    send(request, { timeoutMs: deadline.left(), values: passedOn(request.contextValues, call.values) });
  try {
    // connect's interceptors have a type for each kind of call, and only one of them is asked for here.
    const chain = around<Next>(next, interceptors as unknown as ((next: Next) => Next)[]);
    const responding = chain(new Request(call, signal) as unknown as ClientRequest);
    const response = await Promise.resolve(responding).catch((thrown: unknown) => Promise.reject(fail(thrown)));
    assertResponse(response);
    if (response.stream) return { ...response, message: new WatchedMessages(response.message, end, fail) };
    end();
    return response;
  } catch (error) {
    end();
    throw error;
  }
}

/** The time that a call has, in milliseconds. connect's own transports take 0 and less for no limit, too. */
export function timeLimit(timeoutMs: number | undefined): number | undefined {
  return timeoutMs !== undefined && timeoutMs <= 0 ? undefined : timeoutMs;
}

function expired(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}

/** The end of the time that a call has. */
class Deadline {
  readonly #at: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number | undefined, onExpired: () => void) {
    if (timeoutMs === undefined) return;
    this.#at = performance.now() + timeoutMs;
    if (timeoutMs <= MAX_TIMER_MS) this.#timer = setTimeout(onExpired, timeoutMs);
  }

  /**
   * What is left, in milliseconds, at least 1; undefined without a deadline.
   *
   * @throws ConnectError `deadline_exceeded` once it has passed
   */
  left(): number | undefined {
    if (this.#at === undefined) return undefined;
    const left = this.#at - performance.now();
    if (left <= 0) throw expired();
    return Math.ceil(left);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Response messages; their end is that of the call. */
class WatchedMessages implements AsyncIterableIterator<Message> {
  readonly #messages: AsyncIterator<Message>;
  readonly #end: () => void;
  readonly #fail: (thrown: unknown) => ConnectError;

  constructor(messages: AsyncIterable<Message>, end: () => void, fail: (thrown: unknown) => ConnectError) {
    this.#messages = messages[Symbol.asyncIterator]();
    this.#end = end;
    this.#fail = fail;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Message>> {
    try {
      const result = await this.#messages.next();
      if (result.done === true) this.#end();
      return result;
    } catch (thrown) {
      throw this.#fail(thrown);
    }
  }

  /** Leaving a loop early cancels the call, by its signal where the iterator does not. */
  async return(): Promise<IteratorResult<Message>> {
    const returned = this.#messages.return?.();
    this.#end();
    await returned;
    return { done: true, value: undefined };
  }
}

/** The signal behind a request. A symbol, so that proxies of the request have it too. */
const SIGNAL = Symbol("signal");

/** Every property is its own and enumerable, so that spreading a request keeps all of them. */
class Request {
  declare readonly [SIGNAL]: CallSignal;
  readonly stream: boolean;
  readonly service: DescService;
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly message: Message | AsyncIterable<Message>;

  constructor({ method, url, header, values, input }: ClientCall, signal: CallSignal) {
    Object.defineProperty(this, SIGNAL, { value: signal });
    Object.defineProperty(this, "signal", lazySignal);
    this.stream = method.methodKind !== "unary";
    this.service = method.parent;
    this.method = method;
    this.url = url;
    this.header = header;
    this.contextValues = values ?? createContextValues();
    this.message = this.stream
      ? messagesOf(method, input as AsyncIterable<MessageInitShape<DescMethod["input"]>>)
      : create(method.input, input as MessageInitShape<DescMethod["input"]>);
  }

  /** Listens without an AbortSignal, unless somebody has set another one, or has one already. */
  get [ON_ABORT]() {
    const isLazy = Object.getOwnPropertyDescriptor(this, "signal")?.get === lazySignal.get;
    return isLazy ? (listener: (reason: unknown) => void) => this[SIGNAL].onAbort(listener) : undefined;
  }
}

/** Created on first use: a signal costs more than a small call. */
const lazySignal = {
  get(this: Request) {
    return this[SIGNAL].get();
  },
  set(this: object, value: unknown) {
    Object.defineProperty(this, "signal", { value, writable: true, enumerable: true, configurable: true });
  },
  enumerable: true,
  configurable: true,
};

async function* messagesOf(
  { input: type }: DescMethod,
  input: AsyncIterable<MessageInitShape<DescMethod["input"]>>,
): AsyncGenerator<Message> {
  for await (const message of input) yield create(type, message);
}
