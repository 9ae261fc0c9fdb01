import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CallSignal } from "./call-signal.ts";

test("the signal is one, whoever looks", () => {
  const signal = new CallSignal();
  assert.equal(signal.get(undefined), signal.get(undefined));
  assert.equal(signal.get(undefined).aborted, false);
  assert.equal(signal.reason, undefined);
});

test("an abort reaches who looked before and who looks after", () => {
  for (const looksBefore of [true, false]) {
    const signal = new CallSignal();
    if (looksBefore) signal.get(undefined);
    const reason = new Error("because");
    signal.abort(reason);
    assert.deepEqual([signal.get(undefined).aborted, signal.get(undefined).reason], [true, reason]);
    assert.equal(signal.reason, reason);
  }
});

test("the first reason stays, and listeners hear once", () => {
  const signal = new CallSignal();
  let heard = 0;
  signal.get(undefined).addEventListener("abort", () => {
    heard += 1;
  });
  signal.abort("first");
  signal.abort("second");
  signal.complete();
  assert.deepEqual([heard, signal.get(undefined).reason], [1, "first"]);
});

// contract: DEC-completion
test("completion aborts, with one reason for all", () => {
  const [one, other] = [new CallSignal(), new CallSignal()];
  one.complete();
  other.complete();
  assert.equal(one.get(undefined).aborted, true);
  assert.equal(one.reason, other.reason);
  assert.equal((one.reason as DOMException).name, "AbortError");
});

// contract: DEC-service-signal
test("another signal is followed, with its reason", () => {
  const controller = new AbortController();
  const signal = new CallSignal();
  assert.equal(signal.get(controller.signal).aborted, false);
  controller.abort("the service stops");
  assert.deepEqual([signal.get(undefined).aborted, signal.reason], [true, "the service stops"]);

  const late = new CallSignal();
  assert.equal(late.get(controller.signal).reason, "the service stops", "also when it was aborted before");
});

test("a signal that is followed keeps no call that has ended", () => {
  const controller = new AbortController();
  for (let call = 0; call < 100; call += 1) {
    const signal = new CallSignal();
    signal.get(controller.signal);
    signal.complete();
  }
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  const never = new CallSignal();
  never.complete();
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "nor one that never looked");
});

test("who only wants to be told is told, without a signal being made", (t) => {
  const made = t.mock.method(globalThis, "AbortController");
  const signal = new CallSignal();
  const told: unknown[] = [];
  const stop = signal.onAbort(() => told.push("stopped"), undefined);
  stop();
  signal.onAbort((reason) => told.push(reason), undefined);
  signal.abort("because");
  signal.abort("again");
  signal.onAbort((reason) => told.push(`late: ${reason}`), undefined);
  assert.deepEqual(told, ["because", "late: because"]);
  assert.equal(made.mock.callCount(), 0);
});

test("who only wants to be told is told of what is followed, too", () => {
  const other = new AbortController();
  const signal = new CallSignal();
  const told: unknown[] = [];
  signal.onAbort((reason) => told.push(reason), other.signal);
  other.abort("elsewhere");
  assert.deepEqual(told, ["elsewhere"]);
});
