// The assertion about errors of calls.
import { AssertionError } from "node:assert";
import { type Code, ConnectError } from "@connectrpc/connect";

/** A pattern may take long on a text that a peer chose. */
const MAX_MESSAGE_LENGTH = 1_000;

/**
 * Asserts that a call failed with a `ConnectError` of this code.
 *
 * @param messagePattern a part of `error.message`, or a pattern of it; connect begins it with `[<code_name>] `. A `g`
 *   or `y` pattern keeps its `lastIndex`
 * @throws AssertionError of `node:assert` when the error is none of connect, has another code, or another message, in
 *   this order; also for a message of more than 1,000 characters, if there is a pattern
 * @throws TypeError for a pattern that is neither a string nor a RegExp
 */
export function assertConnectError(
  error: unknown,
  expectedCode: Code,
  messagePattern?: string | RegExp,
): asserts error is ConnectError {
  const fail = (message: string, actual: unknown, expected: unknown): never => {
    throw new AssertionError({ message, actual, expected, operator: "assertConnectError", stackStartFn });
  };
  if (!(error instanceof ConnectError)) {
    return fail(`Expected ConnectError but got ${nameOf(error)}`, error, "a ConnectError");
  }
  const { code, message } = error;
  if (code !== expectedCode) fail(`Expected ConnectError code ${expectedCode} but got ${code}`, code, expectedCode);
  if (messagePattern === undefined) return;
  if (typeof messagePattern !== "string" && !(messagePattern instanceof RegExp)) {
    throw new TypeError(
      `assertConnectError: messagePattern must be a string or a RegExp, not ${typeof messagePattern}`,
    );
  }
  if (message.length > MAX_MESSAGE_LENGTH) {
    const text = `ConnectError message is unexpectedly long (${message.length} chars), refusing to match pattern`;
    fail(text, message.length, MAX_MESSAGE_LENGTH);
  }
  if (typeof messagePattern === "string") {
    if (message.includes(messagePattern)) return;
    fail(`ConnectError message "${message}" does not include "${messagePattern}"`, message, messagePattern);
  } else if (!messagePattern.test(message)) {
    fail(`ConnectError message "${message}" does not match ${messagePattern}`, message, messagePattern);
  }
}

/** The stack of a failure begins where the assertion was called. */
const stackStartFn = assertConnectError;

/** The class of an object, `object` without one, and the type of other values. */
function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  return value.constructor?.name || "object";
}
