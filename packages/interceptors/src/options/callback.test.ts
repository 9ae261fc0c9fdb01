// Callbacks of the user that fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { notify } from "./callback.ts";

/** An error that throws when the console shows it. */
const unshowable = {
  [inspect.custom]() {
    throw new Error("secret");
  },
};

for (const [what, callback] of [
  ["rejects with a value", () => Promise.reject(unshowable)],
  [
    "throws a value",
    () => {
      throw unshowable;
    },
  ],
] as const) {
  test(`a callback ${what} that the console cannot show: the console says so, and nothing else fails`, async (t) => {
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
