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

test("turns grow while they are quick, up to their most", () => {
  assert.deepEqual(lengths(new TurnLength(), 5, 0.01), [32, 64, 128, MAX_CALLS, MAX_CALLS]);
});

test("turns of calls that take a millisecond have five of them", () => {
  assert.deepEqual(lengths(new TurnLength(), 3, 1), [5, 5, 5]);
});

test("a turn always starts one call, and turns grow again when calls are quick again", () => {
  const length = new TurnLength();
  assert.deepEqual(lengths(length, 2, 40), [1, 1]);
  assert.ok(length.learnsFrom(1), "a turn of one call is full");
  assert.deepEqual(lengths(length, 8, 0.01), [2, 4, 8, 16, 32, 64, 128, MAX_CALLS]);
});

test("a turn that is not full and quick says nothing", () => {
  const length = new TurnLength();
  const { calls } = length;
  length.learn(calls - 1, 0.1);
  assert.equal(length.calls, calls);
  assert.equal(length.learnsFrom(1), false);
});

test("a slow turn of few calls does not lengthen the next", () => {
  const length = new TurnLength();
  length.learn(16, 16);
  assert.equal(length.calls, 5);
  length.learn(100, 6);
  assert.equal(length.calls, 5);
});
