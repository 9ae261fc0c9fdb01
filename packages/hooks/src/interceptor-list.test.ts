// Lists of interceptors, and the two mistakes in them that nobody would see: a list, and a factory that was not called.
import assert from "node:assert/strict";
import { test } from "node:test";
import { factoryCallOf, markFactory } from "./interceptor-factory.ts";
import { assertInterceptors } from "./interceptor-list.ts";

const check = (value: unknown) => () => assertInterceptors("server", "interceptors", value);
const interceptor = (next: unknown) => next;
const factory = () => assert.fail("nothing is called to find out");
markFactory(factory, "createThing()");

test("an array of functions passes, and so does no array", () => {
  for (const value of [undefined, [], [interceptor, interceptor]]) check(value)();
});

for (const [value, message] of [
  [null, "interceptors must be an array, not null"],
  [interceptor, "interceptors must be an array, not a function"],
  [[interceptor, 1], "interceptors[1] must be a function, not 1"],
  [new Array(1), "interceptors[0] must be a function, not undefined"],
  [
    [[interceptor]],
    "interceptors[0] must be a function, not an array. Did you mean to spread it, as in `...createDefaultInterceptors()`?",
  ],
  [[factory], "interceptors[0] is a function that makes interceptors, not one. Did you mean `createThing()`?"],
] as const) {
  test(message, () => {
    assert.throws(check(value), { name: "TypeError", message: `server: ${message}` });
  });
}

test("only a factory has a call, and the mark is not copied with its properties", () => {
  assert.equal(factoryCallOf(factory), "createThing()");
  for (const value of [interceptor, undefined, {}, Object.assign(() => {}, factory)]) {
    assert.equal(factoryCallOf(value), undefined);
  }
});
