// The order in which interceptors run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { around } from "./around.ts";

type Next = (request: string) => string;

const wrap = (name: string) => (next: Next) => (request: string) => `${name}(${next(request)})`;

test("the first is outermost", () => {
  const chain = around((request: string) => `handler(${request})`, [wrap("a"), wrap("b"), wrap("c")]);
  assert.equal(chain("x"), "a(b(c(handler(x))))");
});

test("without interceptors it is the function itself", () => {
  const handler: Next = (request) => request;
  assert.equal(around(handler, []), handler);
});
