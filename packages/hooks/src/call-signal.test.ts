// A call's signal: created when it is read, and aborted once, by the call or by another signal.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CallSignal } from "./call-signal.ts";
import { type AbortListener, ON_ABORT } from "./on-abort.ts";

test("every reader gets the same signal", () => {
  const signal = new CallSignal();
  assert.equal(signal.get(), signal.get());
  assert.equal(signal.get().aborted, false);
  assert.equal(signal.reason, undefined);
});

test("an abort reaches readers from before and after it", () => {
  for (const readBefore of [true, false]) {
    const signal = new CallSignal();
    if (readBefore) signal.get();
    const reason = new Error("because");
    signal.abort(reason);
    assert.deepEqual([signal.get().aborted, signal.get().reason], [true, reason]);
    assert.equal(signal.reason, reason);
  }
});

test("the first reason stays, and listeners are called once", () => {
  const signal = new CallSignal();
  let heard = 0;
  signal.get().addEventListener("abort", () => {
    heard += 1;
  });
  signal.abort("first");
  signal.abort("second");
  signal.end();
  assert.deepEqual([heard, signal.get().reason], [1, "first"]);
});

// contract: DEC-completion
test("the end of a call aborts, with one reason for all calls", () => {
  const [one, other] = [new CallSignal(), new CallSignal()];
  one.end();
  other.end();
  assert.equal(one.get().aborted, true);
  assert.equal(one.reason, other.reason);
  assert.equal((one.reason as DOMException).name, "AbortError");
});

// contract: DEC-service-signal
test("it follows another signal, and takes its reason", () => {
  const controller = new AbortController();
  const signal = new CallSignal(controller.signal);
  assert.equal(signal.get().aborted, false);
  controller.abort("the service stops");
  assert.deepEqual([signal.get().aborted, signal.reason], [true, "the service stops"]);

  const late = new CallSignal(controller.signal);
  assert.equal(late.get().reason, "the service stops", "also when that one was aborted before");
});

test("it follows a request, by the request's own function if it has one", () => {
  let abort = (_reason: unknown) => {};
  let stopped = 0;
  const request = {
    get signal(): AbortSignal {
      return assert.fail("no signal is made");
    },
    [ON_ABORT]: (listener: AbortListener) => {
      abort = listener;
      return () => {
        stopped += 1;
      };
    },
  };
  const signal = new CallSignal(request);
  const reasons: unknown[] = [];
  signal.onAbort((reason) => reasons.push(reason));
  abort("the client has gone");
  assert.deepEqual([reasons, signal.get().reason, stopped], [["the client has gone"], "the client has gone", 1]);
});

test("a followed signal does not keep a call alive that has ended", () => {
  const controller = new AbortController();
  for (let call = 0; call < 100; call += 1) {
    const signal = new CallSignal(controller.signal);
    signal.get();
    signal.onAbort(() => {});
    signal.end();
  }
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  const unread = new CallSignal(controller.signal);
  unread.end();
  unread.get();
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "nor one that was read too late");
});

test("listeners are called without creating a signal", (t) => {
  const made = t.mock.method(globalThis, "AbortController");
  const signal = new CallSignal();
  const heard: unknown[] = [];
  const stop = signal.onAbort(() => heard.push("stopped"));
  stop();
  signal.onAbort((reason) => heard.push(reason));
  signal.abort("because");
  signal.abort("again");
  signal.onAbort((reason) => heard.push(`late: ${reason}`));
  assert.deepEqual(heard, ["because", "late: because"]);
  assert.equal(made.mock.callCount(), 0);
});

test("listeners are also called when a followed signal aborts", () => {
  const controller = new AbortController();
  const signal = new CallSignal(controller);
  const heard: unknown[] = [];
  signal.onAbort((reason) => heard.push(reason));
  controller.abort("elsewhere");
  assert.deepEqual(heard, ["elsewhere"]);
});

test("a reason of undefined aborts, too", () => {
  const signal = new CallSignal();
  signal.abort(undefined);
  signal.abort("later");
  assert.deepEqual([signal.get().aborted, signal.reason], [true, undefined]);
});
