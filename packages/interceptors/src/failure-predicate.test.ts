import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { defaultFailurePredicate } from "./failure-predicate.ts";

const failures = ["Unknown", "DeadlineExceeded", "ResourceExhausted", "Internal", "Unavailable", "DataLoss"];

// contract: CB-3
test("six codes say that a service is in trouble, and so does what is no ConnectError", () => {
  const codes = Object.entries(Code).filter((entry): entry is [string, Code] => typeof entry[1] === "number");
  assert.equal(codes.length, 16);
  for (const [name, code] of codes) {
    assert.equal(defaultFailurePredicate(new ConnectError("a", code)), failures.includes(name), name);
  }
  for (const thrown of [new Error("a"), undefined, "a", { code: Code.NotFound }]) {
    assert.equal(defaultFailurePredicate(thrown), true);
  }
});
