// Serves the other three kinds of call, which have a stream in, out, or both. Each is bidi with one side of length one.
import type { Message } from "@bufbuild/protobuf";
import type { Arrived, Inbound } from "../boundary/arrived.ts";
import type { Call } from "./call.ts";
import { createContext } from "./context.ts";
import { respondWith } from "./serve-unary.ts";

/**
 * @param message the only request message; null when the client sends a stream
 * @param isShared whether the memory of the message holds other things too
 */
export function serveStream(call: Call, message: Inbound | null, isShared: boolean): void {
  try {
    const { handler, streamsResponses } = call.route;
    const input = message === null ? requestsOf(call) : call.parse(message, isShared);
    const output = handler(input, createContext(call));
    if (streamsResponses) void sendAll(call, iteratorOf(output));
    else respondWith(call, output);
  } catch (error) {
    call.fail(error);
  }
}

/** The request messages of a call, read when the handler asks for them: what is not read stays with the client. */
export function requestsOf(call: Call): AsyncIterableIterator<Message> {
  return new Requests(call);
}

/**
 * Written by hand: an async generator takes three turns of the promise queue for a message that has arrived already,
 * and a stream has many messages.
 */
class Requests implements AsyncIterableIterator<Message> {
  readonly #call: Call;
  #messages: Arrived | null = null;
  #isDone = false;
  /** The last `next` that waits. One more `next` waits for it. */
  #waiting: Promise<unknown> | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message>> {
    try {
      if (this.#waiting === undefined && (this.#isDone || this.#fill())) return Promise.resolve(this.#take());
    } catch (error) {
      this.#isDone = true;
      return Promise.reject(error);
    }
    const next = this.#nextLater(this.#waiting);
    const waiting: Promise<void> = next.then(
      () => this.#settled(waiting),
      () => this.#settled(waiting),
    );
    this.#waiting = waiting;
    return next;
  }

  return(): Promise<IteratorResult<Message>> {
    this.#isDone = true;
    this.#messages = null;
    return Promise.resolve({ done: true, value: undefined });
  }

  async #nextLater(before: Promise<unknown> | undefined): Promise<IteratorResult<Message>> {
    await before;
    try {
      while (!this.#isDone && !this.#fill()) await this.#call.readable();
      return this.#take();
    } catch (error) {
      this.#isDone = true;
      throw error;
    }
  }

  #settled(waiting: Promise<unknown>): void {
    if (this.#waiting === waiting) this.#waiting = undefined;
  }

  /** Reads if necessary. Returns whether there is something to take now: a message, the end, or an error. */
  #fill(): boolean {
    if (this.#messages?.hasNext || this.#messages?.end !== undefined) return true;
    this.#messages = this.#call.read();
    return this.#messages !== null && (this.#messages.hasNext || this.#messages.end !== undefined);
  }

  #take(): IteratorResult<Message> {
    const messages = this.#messages;
    if (!this.#isDone && messages?.hasNext) {
      return { done: false, value: messages.take((message, isShared) => this.#call.parse(message, isShared)) };
    }
    const isFirstEnd = !this.#isDone;
    this.#isDone = true;
    if (isFirstEnd && messages !== null && messages.end !== "end" && messages.end !== undefined) throw messages.end;
    return { done: true, value: undefined };
  }
}

/**
 * Sends what the handler yields, no faster than the client reads. Never rejects: every failure ends the call.
 *
 * @param beforeEnd runs when the last message has been sent, and the trailers have not
 */
export async function sendAll(
  call: Call,
  responses: AsyncIterator<unknown>,
  beforeEnd: () => void = () => {},
): Promise<void> {
  // `return` runs the `finally` of a generator: at once, or when what it awaits has settled.
  call.onAbort = () => void giveUp(call, responses);
  try {
    for (;;) {
      const { done, value } = await responses.next();
      if (call.isOver) return;
      if (done === true) break;
      if (!call.write(value)) await call.writable();
    }
    beforeEnd();
    call.finish();
  } catch (error) {
    call.fail(error);
    // The generator is still open if the message could not be sent; otherwise this does nothing.
    void giveUp(call, responses);
  }
}

/** Ends the handler's iterator early: a generator runs its `finally`. Never rejects. */
export async function giveUp(call: Call, responses: AsyncIterator<unknown>): Promise<void> {
  try {
    await responses.return?.();
  } catch (error) {
    call.fail(error);
  }
}

/** @throws TypeError for anything that is not iterable */
export function iteratorOf(output: unknown): AsyncIterator<unknown> {
  if (typeof output === "object" && output !== null) {
    if (Symbol.asyncIterator in output) return (output as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in output) return fromSync((output as Iterable<unknown>)[Symbol.iterator]());
  }
  throw new TypeError("the handler of a response stream must return an async iterable, for example an async generator");
}

/** Arrays and synchronous generators are accepted, as `for await` accepts them. */
function fromSync(iterator: Iterator<unknown>): AsyncIterator<unknown> {
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.() ?? { done: true, value: undefined },
  };
}
