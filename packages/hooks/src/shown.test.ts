// The text for a value in an error message.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "./shown.ts";

for (const [value, text] of [
  ["a", '"a"'],
  ["", '""'],
  ['line\n"quote"', '"line\\n\\"quote\\""'],
  ["a".repeat(100), `"${"a".repeat(100)}"`],
  ["a".repeat(101), "a string of 101 characters"],
  [1.5, "1.5"],
  [Number.NaN, "NaN"],
  [10n, "10"],
  [true, "true"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("a"), "Symbol(a)"],
  [[1, 2], "an array"],
  [{ secret: 1 }, "an object"],
  [Object.create(null), "an object"],
  [new (class Pool {})(), "an object"],
  [new Map(), "a Map"],
  [new AbortController(), "an AbortController"],
  [Promise.resolve(), "a promise"],
  [Proxy.revocable({}, {}).proxy, "an object"],
  [() => {}, "a function"],
  [class {}, "a function"],
] as [unknown, string][]) {
  test(`it shows ${text}`, () => {
    assert.equal(shown(value), text);
  });
}
