// Listening for aborts: by the function under the symbol, otherwise by the signal, otherwise never.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { type AbortListener, ON_ABORT, onAbort } from "./on-abort.ts";

for (const [what, sourceOf] of Object.entries({
  "a signal": (controller: AbortController) => controller.signal,
  "what has a signal": (controller: AbortController) => ({ signal: controller.signal }),
})) {
  test(`${what}: the listener gets the reason, once`, () => {
    const controller = new AbortController();
    const heard: unknown[] = [];
    onAbort(sourceOf(controller), (reason) => heard.push(reason));
    assert.deepEqual(heard, []);
    controller.abort("first");
    controller.abort("second");
    assert.deepEqual(heard, ["first"]);
  });

  test(`${what} that has aborted: the listener is called at once`, () => {
    const controller = new AbortController();
    controller.abort("before");
    const heard: unknown[] = [];
    const stop = onAbort(sourceOf(controller), (reason) => heard.push(reason));
    assert.deepEqual(heard, ["before"]);
    stop();
  });

  test(`${what}: the function that is returned stops listening`, () => {
    const controller = new AbortController();
    const stop = onAbort(sourceOf(controller), () => assert.fail("it has stopped"));
    assert.equal(getEventListeners(controller.signal, "abort").length, 1);
    stop();
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    controller.abort();
  });
}

test("the function under the symbol is used, and the signal is not read", () => {
  const given: AbortListener[] = [];
  const stop = () => {};
  const request = {
    get signal(): AbortSignal {
      return assert.fail("the signal is read");
    },
    [ON_ABORT]: (listener: AbortListener) => {
      given.push(listener);
      return stop;
    },
  };
  const listener = () => {};
  assert.equal(onAbort(request, listener), stop);
  assert.deepEqual(given, [listener]);
});

test("an object without a signal never aborts", () => {
  const stop = onAbort({}, () => assert.fail("nothing aborts it"));
  stop();
});
