// Streams in, out, or both: the other three kinds. Each is bidi with one side of length one.
import type { Message } from "@bufbuild/protobuf";
import { type Code, ConnectError } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { createContext } from "./context.ts";
import { answerWith } from "./serve-unary.ts";

/** @param bytes the only request message; null when they are a stream */
export function serveStream(call: Call, bytes: Uint8Array | null): void {
  try {
    const { codec, handler, streamsResponses } = call.route;
    const input = bytes === null ? requestsOf(call) : codec.parse(bytes, call.json);
    const output = handler(input, createContext(call));
    if (streamsResponses) void sendAll(call, iteratorOf(output));
    else answerWith(call, output);
  } catch (error) {
    call.fail(error);
  }
}

/** The request messages as they are asked for: what is not read stays with the client. */
export async function* requestsOf(call: Call): AsyncGenerator<Message> {
  for (;;) {
    const inbound = call.read();
    if (inbound === null) {
      await call.readable();
      continue;
    }
    for (const message of inbound.messages) yield call.route.codec.parse(message, call.json);
    if (inbound.code != null) throw new ConnectError(inbound.message ?? "", inbound.code as Code);
    if (inbound.end) return;
  }
}

/**
 * Sends what the handler yields, no faster than it leaves. Never rejects: every failure is the call's.
 *
 * @param beforeEnd runs when the last message has been sent, and the trailers have not
 */
export async function sendAll(
  call: Call,
  responses: AsyncIterator<unknown>,
  beforeEnd: () => void = () => {},
): Promise<void> {
  // A generator that is told to return runs its `finally`; one that waits for something does so when that is there.
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
    // Still there if it was the message that could not be sent; otherwise this does nothing.
    void giveUp(call, responses);
  }
}

export async function giveUp(call: Call, responses: AsyncIterator<unknown>): Promise<void> {
  try {
    await responses.return?.();
  } catch (error) {
    call.fail(error);
  }
}

export function iteratorOf(output: unknown): AsyncIterator<unknown> {
  if (typeof output === "object" && output !== null) {
    if (Symbol.asyncIterator in output) return (output as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in output) return fromSync((output as Iterable<unknown>)[Symbol.iterator]());
  }
  throw new TypeError("the handler of a response stream must return an async iterable, as an async generator does");
}

/** Arrays and plain generators will do, as they do in `for await`. */
function fromSync(iterator: Iterator<unknown>): AsyncIterator<unknown> {
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.() ?? { done: true, value: undefined },
  };
}
