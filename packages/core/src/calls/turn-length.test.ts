// How many calls a turn may start.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_CALLS, TurnLength } from "./turn-length.ts";

/** The lengths of turns that are full, whose calls take so many milliseconds each. */
function lengths(length: TurnLength, turns: number, msPerCall: number): number[] {
  return Array.from({ length: turns }, () => {
    length.learn(length.calls, length.calls * msPerCall);
    return length.calls;
  });
}

test("turns grow by a call while they are full and quick, up to their most", () => {
  const length = new TurnLength();
  assert.deepEqual(lengths(length, 3, 0.01), [5, 6, 7]);
  assert.deepEqual(lengths(length, 200, 0.01).slice(119, 123), [127, MAX_CALLS, MAX_CALLS, MAX_CALLS]);
});

test("turns of calls that take a millisecond have five of them, and sometimes try one more", () => {
  assert.deepEqual(lengths(new TurnLength(), 6, 1), [5, 6, 5, 6, 5, 6]);
});

test("a turn always starts one call, and turns grow again when calls are quick again", () => {
  const length = new TurnLength();
  assert.deepEqual(lengths(length, 2, 40), [1, 1]);
  assert.ok(length.learnsFrom(1), "a turn of one call is full");
  assert.deepEqual(lengths(length, 3, 0.01), [2, 3, 4]);
});

test("a turn that is not full and quick says nothing", () => {
  const length = new TurnLength();
  const { calls } = length;
  length.learn(calls - 1, 0.1);
  assert.equal(length.calls, calls);
  assert.equal(length.learnsFrom(1), false);
});

test("a slow turn shortens the next at once, and never lengthens it", () => {
  const length = new TurnLength();
  length.learn(4, 10);
  assert.equal(length.calls, 2);
  length.learn(100, 6);
  assert.equal(length.calls, 2);
});

test("a turn that is long because of other events neither shortens the next nor lengthens it", () => {
  const length = new TurnLength();
  const { calls } = length;
  length.learn(calls, 40, 9 * calls);
  assert.equal(length.calls, calls);
  // Calls that are dear are seen behind the events.
  length.learn(calls, 400, 9 * calls);
  assert.equal(length.calls, Math.max(1, Math.floor((calls * 5) / 40)));
});
