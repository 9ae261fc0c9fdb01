// Streams of given messages. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMockStream } from "@connectum/test-fixtures";

async function itemsOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

// contract: STM-1
test("the items come in order, as they are", async () => {
  const first = { id: 1 };
  const second = { id: 2 };
  const items = await itemsOf(createMockStream([first, second]));
  assert.deepEqual([items.length, items[0] === first, items[1] === second], [2, true, true]);
  assert.deepEqual(await itemsOf(createMockStream([])), []);
});

// contract: STM-2
test("each iteration begins again, and reads the array as it is then", async () => {
  const items = [1, 2];
  const stream = createMockStream(items);
  assert.deepEqual(await itemsOf(stream), [1, 2]);
  items.push(3);
  assert.deepEqual(await itemsOf(stream), [1, 2, 3]);
  const [one, other] = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
  assert.deepEqual(
    [await one.next(), await other.next()],
    [
      { done: false, value: 1 },
      { done: false, value: 1 },
    ],
  );
  items.push(4);
  const rest = [await one.next(), await one.next(), await one.next()].map(({ value }) => value);
  assert.deepEqual(rest, [2, 3, 4]);
});

// contract: STM-3
test("with a delay it waits before each item, the first one too", async () => {
  const start = performance.now();
  const iterator = createMockStream([1, 2], { delayMs: 30 })[Symbol.asyncIterator]();
  await iterator.next();
  const first = performance.now() - start;
  await iterator.next();
  const second = performance.now() - start;
  // Timers may fire a millisecond early.
  assert.ok(first >= 28 && second - first >= 28, `${first} ms, ${second} ms`);
});

for (const delayMs of [0, -1, Number.NEGATIVE_INFINITY, undefined]) {
  // contract: STM-3
  test(`a delay of ${delayMs} is none: no timer is waited for`, async () => {
    let isLate = false;
    setTimeout(() => {
      isLate = true;
    });
    assert.deepEqual(await itemsOf(createMockStream([1, 2], { delayMs })), [1, 2]);
    assert.equal(isLate, false);
  });
}

test("a wait is the timer that the runtime has at that moment, so fake ones work", async () => {
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  // The type has an overload for promises, which nothing here uses.
  const fake = (end: () => void, ms: number) => setTimeout(end, 0 * delays.push(ms));
  globalThis.setTimeout = fake as typeof setTimeout;
  try {
    assert.deepEqual(await itemsOf(createMockStream([1, 2], { delayMs: 3_600_000 })), [1, 2]);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assert.deepEqual(delays, [3_600_000, 3_600_000]);
});

// contract: STM-4
test("an iteration may be left early", async () => {
  const iterator = createMockStream([1, 2])[Symbol.asyncIterator]();
  await iterator.next();
  assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  for await (const item of createMockStream([1, 2])) {
    assert.equal(item, 1);
    break;
  }
});

for (const [what, make, name, message] of [
  [
    "an option that does not exist",
    () => createMockStream([], { delay: 1 } as object),
    "TypeError",
    'createMockStream: there is no option "delay". It can be "delayMs".',
  ],
  [
    "a delay beyond the range of timers",
    () => createMockStream([], { delayMs: 2_147_483_648 }),
    "RangeError",
    "createMockStream: delayMs must be a number of milliseconds up to 2147483647, not 2147483648",
  ],
  [
    "a delay that is no number",
    () => createMockStream([], { delayMs: Number.NaN }),
    "RangeError",
    "createMockStream: delayMs must be a number of milliseconds up to 2147483647, not NaN",
  ],
  [
    "items that are no array",
    () => createMockStream(Object("items") as string[]),
    "TypeError",
    "createMockStream: items must be an array, not object",
  ],
] as const) {
  test(`rejected: ${what}`, () => assert.throws(make, { name, message }));
}
