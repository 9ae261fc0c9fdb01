// An interceptor's function for the methods it is for.
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

test("what the function throws is thrown", () => {
  const error = new Error("cannot compile");
  const prepared = withPrepare({}, () => {
    throw error;
  });
  assert.throws(() => callPrepare(prepared, []), error);
});
