// What assertConnectError() accepts, and the text of each failure. Runs under every test runner: scripts/matrix.mjs.
import assert, { AssertionError } from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { assertConnectError } from "@connectum/test-fixtures";

const notFound = () => new ConnectError("no user 7", Code.NotFound);

/** The text with which the assertion fails. */
function failureOf(...args: Parameters<typeof assertConnectError>): string {
  try {
    assertConnectError(...args);
  } catch (error) {
    assert.ok(error instanceof AssertionError);
    return error.message;
  }
  throw new Error("it did not fail");
}

class Outage extends Error {}

for (const [what, value, name] of [
  ["an error of another class", new Outage(), "Outage"],
  ["a plain object", {}, "Object"],
  ["an object without a class", Object.create(null), "object"],
  ["an object of a class without a name", new (class {})(), "object"],
  ["null", null, "object"],
  ["undefined", undefined, "undefined"],
  ["a string", "no user 7", "string"],
  ["a function", notFound, "function"],
] as const) {
  // contract: ACE-1
  test(`${what} is no ConnectError`, () => {
    assert.equal(failureOf(value, Code.NotFound), `Expected ConnectError but got ${name}`);
  });
}

// contract: ACE-2
test("another code fails, with both numbers", () => {
  assert.equal(failureOf(notFound(), Code.Internal), "Expected ConnectError code 13 but got 5");
});

// contract: ACE-3
test("a message of more than 1,000 characters fails if there is a pattern, and only then", () => {
  const long = new ConnectError("x".repeat(1_000), Code.NotFound);
  const text = "ConnectError message is unexpectedly long (1012 chars), refusing to match pattern";
  assert.equal(failureOf(long, Code.NotFound, "x"), text);
  assert.equal(failureOf(long, Code.NotFound, /x/), text);
  assertConnectError(long, Code.NotFound);
  assertConnectError(new ConnectError("x".repeat(1_000 - "[not_found] ".length), Code.NotFound), Code.NotFound, "x");
});

// contract: ACE-4, ACE-6
test("a string is a part of the message, which begins with the name of the code", () => {
  assertConnectError(notFound(), Code.NotFound, "user 7");
  assertConnectError(notFound(), Code.NotFound, "[not_found] no user");
  const text = 'ConnectError message "[not_found] no user 7" does not include "user 8"';
  assert.equal(failureOf(notFound(), Code.NotFound, "user 8"), text);
});

// contract: ACE-5
test("a RegExp is tested, and keeps its lastIndex", () => {
  assertConnectError(notFound(), Code.NotFound, /^\[not_found\] no user \d$/);
  const text = 'ConnectError message "[not_found] no user 7" does not match /user 8/i';
  assert.equal(failureOf(notFound(), Code.NotFound, /user 8/i), text);
  const global = /user/g;
  assertConnectError(notFound(), Code.NotFound, global);
  assert.equal(global.lastIndex, "[not_found] no user".length);
  assert.match(failureOf(notFound(), Code.NotFound, global), /does not match \/user\/g$/);
});

// contract: ACE-7
test("it returns nothing and narrows the type; a failure is an AssertionError with both values", () => {
  const error: unknown = notFound();
  const assertion: (...args: Parameters<typeof assertConnectError>) => void = assertConnectError;
  assert.equal(assertion(error, Code.NotFound), undefined);
  assertConnectError(error, Code.NotFound);
  assert.equal(error.rawMessage, "no user 7");
  assert.throws(() => assertion(error, Code.Internal), {
    name: "AssertionError",
    code: "ERR_ASSERTION",
    operator: "assertConnectError",
    actual: 5,
    expected: 13,
  });
});

// contract: ACE-8
test("class, code, length and pattern are checked in this order; an empty pattern always matches", () => {
  const long = new ConnectError("x".repeat(2_000), Code.NotFound);
  assert.match(failureOf(new Outage(), Code.NotFound, "y"), /^Expected ConnectError but/);
  assert.match(failureOf(long, Code.Internal, "y"), /^Expected ConnectError code/);
  assert.match(failureOf(long, Code.NotFound, "y"), /unexpectedly long/);
  assertConnectError(notFound(), Code.NotFound, "");
});

test("a pattern of another type is a mistake of the test, not a failure", () => {
  const wrong = Object("user") as string;
  assert.throws(() => assertConnectError(notFound(), Code.NotFound, wrong), {
    name: "TypeError",
    message: "assertConnectError: messagePattern must be a string or a RegExp, not object",
  });
});
