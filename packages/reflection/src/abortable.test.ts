// A stream that ends when a signal aborts, even while its source waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { abortable } from "./abortable.ts";

/** Yields one and two, then waits forever; counts calls of return(). */
function source() {
  const noted = { returned: 0 };
  const values = [1, 2];
  const iterable: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = values.shift();
        return value === undefined ? new Promise(() => {}) : Promise.resolve({ done: false, value });
      },
      return: async () => {
        noted.returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  return { iterable, noted };
}

async function* numbers() {
  yield 1;
  yield 2;
}

async function collect(iterable: AsyncIterable<number>, onEach: (value: number) => void = () => {}) {
  const seen: number[] = [];
  for await (const value of iterable) {
    seen.push(value);
    onEach(value);
  }
  return seen;
}

test("without an abort it yields what the source does", async () => {
  assert.deepEqual(await collect(abortable(numbers(), new AbortController().signal)), [1, 2]);
});

test("an abort ends the wait with its reason, and ends the source", { timeout: 5_000 }, async () => {
  const { iterable, noted } = source();
  const controller = new AbortController();
  const reason = new Error("enough");
  const collected = collect(abortable(iterable, controller.signal), (value) => {
    if (value === 2) setImmediate(() => controller.abort(reason));
  });
  await assert.rejects(collected, reason);
  assert.equal(noted.returned, 1);
});

test("with a signal that has aborted already it yields nothing", async () => {
  const { iterable, noted } = source();
  const reason = new Error("too late");
  await assert.rejects(collect(abortable(iterable, AbortSignal.abort(reason))), reason);
  assert.equal(noted.returned, 1);
});

test("an error of the source is thrown", async () => {
  const failing = (async function* () {
    yield 1;
    throw new Error("broken");
  })();
  await assert.rejects(collect(abortable(failing, new AbortController().signal)), /broken/);
});
