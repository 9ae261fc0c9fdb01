// The errors that count as failures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { consoleLines } from "../../../../__test__/support/console-lines.ts";
import { defaultFailurePredicate, failurePredicateOf } from "./failure-predicate.ts";

const failures = ["Unknown", "DeadlineExceeded", "ResourceExhausted", "Internal", "Unavailable", "DataLoss"];

// contract: CB-3
test("six codes are failures, and so are values that are not a ConnectError", () => {
  const codes = Object.entries(Code).filter((entry): entry is [string, Code] => typeof entry[1] === "number");
  assert.equal(codes.length, 16);
  for (const [name, code] of codes) {
    assert.equal(defaultFailurePredicate(new ConnectError("a", code)), failures.includes(name), name);
  }
  for (const thrown of [new Error("a"), undefined, "a", { code: Code.NotFound }]) {
    assert.equal(defaultFailurePredicate(thrown), true);
  }
});

for (const [what, predicate] of [
  ["resolves", () => Promise.resolve(false)],
  ["rejects", () => Promise.reject(new Error("predicate is broken"))],
] as const) {
  test(`a predicate whose promise ${what} counts the error, and the console shows the mistake`, async (t) => {
    const lines = consoleLines(t, "error");
    const isFailure = failurePredicateOf("fallback", () => predicate() as unknown as boolean);
    assert.equal(isFailure(new ConnectError("a", Code.NotFound)), true);
    assert.match(String(lines[0]?.[1]), /^TypeError: failurePredicate must return true or false, not a promise/);
  });
}
