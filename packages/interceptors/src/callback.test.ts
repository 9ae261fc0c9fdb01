import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { notify } from "./callback.ts";

/** It throws when the console shows it. */
const unshowable = {
  [inspect.custom]() {
    throw new Error("secret");
  },
};

for (const [what, callback] of [
  ["rejects with", () => Promise.reject(unshowable)],
  [
    "throws",
    () => {
      throw unshowable;
    },
  ],
] as const) {
  test(`what a callback ${what} and the console cannot show harms nobody, and is told of`, async (t) => {
    const lines: string[] = [];
    t.mock.method(
      console,
      "error",
      (...line: unknown[]) => void lines.push(line.map((part) => inspect(part)).join(" ")),
    );
    notify("bulkhead", callback);
    await new Promise(setImmediate);
    assert.deepEqual(lines, ["'[bulkhead] the callback failed:' 'an error that cannot be shown'"]);
  });
}
