// Recognition of thenables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isThenable } from "./thenable.ts";

for (const [what, value, expected] of [
  ["a promise", Promise.resolve(), true],
  // biome-ignore lint/suspicious/noThenProperty: it is what the test is about
  ["an object with a method then", { then: () => {} }, true],
  // biome-ignore lint/suspicious/noThenProperty: it is what the test is about
  ["an object that inherits it", Object.create({ then: () => {} }), true],
  // biome-ignore lint/suspicious/noThenProperty: it is what the test is about
  ["an object whose then is a text", { then: "later" }, false],
  // biome-ignore lint/suspicious/noThenProperty: it is what the test is about
  ["a function with a method then", Object.assign(() => {}, { then: () => {} }), false],
  ["an empty object", {}, false],
  ["null", null, false],
  ["undefined", undefined, false],
  ["a text", "then", false],
] as [string, unknown, boolean][]) {
  test(`${what} is ${expected ? "" : "not "}thenable`, () => {
    assert.equal(isThenable(value), expected);
  });
}
