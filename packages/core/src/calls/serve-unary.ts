// One message in, one message out.
import type { Call } from "./call.ts";
import { createContext } from "./context.ts";

/** Parses, calls the handler, and answers: at once if the handler does, later if it promises to. */
export function serveUnary(call: Call, bytes: Uint8Array, isShared: boolean): void {
  try {
    const { codec, handler } = call.route;
    answerWith(call, handler(codec.parse(bytes, call.json, isShared), createContext(call)));
  } catch (error) {
    call.fail(error);
  }
}

/** Answers with a message or with what a promise gives; for handlers of client streams too. */
export function answerWith(call: Call, answer: unknown): void {
  if (isThenable(answer)) {
    answer.then(
      (value) => answerOrFail(call, value),
      (error) => call.fail(error),
    );
  } else {
    call.answer(answer);
  }
}

function answerOrFail(call: Call, value: unknown): void {
  try {
    call.answer(value);
  } catch (error) {
    call.fail(error);
  }
}

/** Whether a handler answers later. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
