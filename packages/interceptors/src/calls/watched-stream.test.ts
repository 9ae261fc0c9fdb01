// Observation of streams: messages, ends, failures, early stops.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rejection, streamOf } from "../../../../__test__/support/interceptor-calls.ts";
import { watched } from "./watched-stream.ts";

/** A watcher that records what it sees. */
function recording(of: AsyncIterable<number>) {
  const seen: unknown[] = [];
  const messages = watched(of, {
    onMessage: (message) => void seen.push(message),
    onEnd: () => void seen.push("end"),
    onError: (error) => {
      seen.push(error);
      return new Error("another");
    },
  });
  return { seen, iterator: messages[Symbol.asyncIterator]() };
}

async function* failing(error: unknown) {
  yield 1;
  throw error;
}

test("messages pass, and the end is reported once", async () => {
  const { seen, iterator } = recording(streamOf(1, 2));
  const results = [await iterator.next(), await iterator.next(), await iterator.next(), await iterator.next()];
  assert.deepEqual(
    results.map(({ value }) => value),
    [1, 2, undefined, undefined],
  );
  assert.deepEqual(seen, [1, 2, "end"]);
});

test("nothing is read ahead", async () => {
  let reads = 0;
  const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: ++reads }) }) };
  const { iterator } = recording(source);
  assert.equal(reads, 0);
  await iterator.next();
  assert.equal(reads, 1);
});

test("a failure is reported once, and the reader gets the error that the watcher returns", async () => {
  const error = new Error("a");
  const { seen, iterator } = recording(failing(error));
  await iterator.next();
  assert.equal(String(await rejection(iterator.next())), "Error: another");
  await iterator.next();
  assert.deepEqual(seen, [1, error]);
});

test("an error that next() throws synchronously is a failure, too", async () => {
  const error = new Error("a");
  const next = () => {
    throw error;
  };
  const { seen, iterator } = recording({ [Symbol.asyncIterator]: () => ({ next }) });
  assert.equal(String(await rejection(iterator.next())), "Error: another");
  assert.deepEqual(seen, [error]);
});

test("a reader that stops ends the stream and its source", async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield 1;
      yield 2;
    } finally {
      isClosed = true;
    }
  }
  const { seen, iterator } = recording(source());
  await iterator.next();
  assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
  assert.deepEqual([seen, isClosed], [[1, "end"], true]);
  // An iterator without return().
  const bare = recording({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) });
  assert.deepEqual(await bare.iterator.return?.(), { done: true, value: undefined });
  assert.deepEqual(bare.seen, ["end"]);
});

test("a cleanup that fails is a failure", async () => {
  const error = new Error("a");
  async function* source() {
    try {
      yield 1;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested.
      throw error;
    }
  }
  const { seen, iterator } = recording(source());
  await iterator.next();
  const closing = iterator.return?.() ?? assert.fail();
  assert.equal(String(await rejection(closing)), "Error: another");
  assert.deepEqual(seen, [1, error]);
});

test("an error thrown into the stream reaches its source", async () => {
  const thrown = new Error("into it");
  const { seen, iterator } = recording(streamOf(1, 2));
  await iterator.next();
  const throwing = iterator.throw?.(thrown) ?? assert.fail();
  assert.equal(String(await rejection(throwing)), "Error: another");
  assert.deepEqual(seen, [1, thrown]);
});
