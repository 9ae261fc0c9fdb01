// A call behind the interceptors of its client: its deadline, its signal, its errors. In process and to other servers,
// as connect's own transports do it.
import type { Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type Interceptor,
  type StreamResponse,
  type UnaryResponse,
} from "@connectrpc/connect";
import { around, CallSignal, MAX_TIMER_MS } from "@connectum/hooks";
import { assertResponse } from "./assert-response.ts";
import { passedOn } from "./client-only-values.ts";
import { type ClientCall, type ClientRequest, createRequest } from "./client-request.ts";

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
    const responding = chain(createRequest(call, signal));
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
