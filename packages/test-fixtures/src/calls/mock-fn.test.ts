// What a spy records, and what it leaves as it is. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMockFn } from "@connectum/test-fixtures";

// contract: FN-1
test("a call is recorded before the function runs, so one that throws is recorded too", () => {
  const seen: number[] = [];
  const spy = createMockFn((text: string): number => {
    seen.push(spy.mock.callCount());
    return Number.parseInt(text, 10);
  });
  const failing = createMockFn((_: number): void => {
    throw new Error("no");
  });
  spy("1");
  spy("2");
  assert.deepEqual(seen, [1, 2]);
  assert.throws(() => failing(7), { message: "no" });
  assert.deepEqual(failing.mock.calls, [{ arguments: [7] }]);
});

// contract: FN-2
test("what the function returns or throws passes through, and is not recorded", async () => {
  const result = {};
  const error = new Error("no");
  assert.equal(createMockFn(() => result)(), result);
  const rejecting = createMockFn(() => Promise.reject(error));
  await assert.rejects(rejecting(), (thrown) => thrown === error);
  assert.deepEqual(Object.keys(rejecting.mock.calls[0] ?? {}), ["arguments"]);
});

// contract: FN-3
test("this is not forwarded, and a spy is no constructor", () => {
  let received: unknown = "nothing";
  const object = {
    spy: createMockFn(function (this: unknown) {
      received = this;
    }),
  };
  object.spy();
  assert.equal(received, undefined);
  assert.throws(() => Reflect.construct(object.spy, []), TypeError);
});

// contract: FN-4
test("mock is neither writable nor enumerable; calls is always the same array", () => {
  const spy = createMockFn((..._: number[]) => {});
  const { writable, enumerable } = Object.getOwnPropertyDescriptor(spy, "mock") ?? {};
  assert.deepEqual([writable, enumerable], [false, false]);
  const { calls } = spy.mock;
  assert.equal(spy.mock.callCount(), 0);
  spy(1);
  spy(2, 3);
  assert.equal(spy.mock.calls, calls);
  assert.deepEqual(calls, [{ arguments: [1] }, { arguments: [2, 3] }]);
  assert.equal(spy.mock.callCount(), 2);
});

// contract: FN-5
test("there is no reset, no restore, no list of results", () => {
  assert.deepEqual(Object.keys(createMockFn(() => {}).mock).sort(), ["callCount", "calls"]);
});

test("what is no function is rejected", () => {
  const wrong = Object("text") as () => void;
  assert.throws(() => createMockFn(wrong), {
    name: "TypeError",
    message: "createMockFn: impl must be a function, not object",
  });
});
