// An interceptor's function that gets its methods.
import assert from "node:assert/strict";
import { test } from "node:test";
import { callPrepare, PREPARE, withPrepare } from "./prepare.ts";

test("the function gets the methods, as a method of the interceptor", () => {
  const calls: unknown[] = [];
  const interceptor = () => "called";
  const prepared = withPrepare(interceptor, function (this: unknown, methods: readonly string[]) {
    calls.push([this, methods]);
  });
  assert.equal(prepared, interceptor, "it is the same interceptor");
  callPrepare(prepared, ["Greet"]);
  assert.deepEqual(calls, [[interceptor, ["Greet"]]]);
});

test("without a function nothing is called", () => {
  callPrepare(() => {}, ["Greet"]);
  callPrepare(
    Object.assign(() => {}, { [PREPARE]: "text" }),
    ["Greet"],
  );
});

test("an exception of the function is passed on", () => {
  const error = new Error("cannot compile");
  const prepared = withPrepare({}, () => {
    throw error;
  });
  assert.throws(() => callPrepare(prepared, []), error);
});
