// A header of a request, without its `Headers` where that is possible.
import assert from "node:assert/strict";
import { test } from "node:test";
import { headerOf, RECEIVED_HEADER } from "./received-header.ts";

test("the function of a request is asked, and gets the request", () => {
  const request = {
    get header(): Headers {
      return assert.fail("it is not needed");
    },
    [RECEIVED_HEADER]: (of: object, name: string) => (of === request && name === "a" ? "1" : null),
  };
  assert.deepEqual([headerOf(request, "a"), headerOf(request, "b")], ["1", null]);
});

test("without an answer it is what the Headers have", () => {
  const header = new Headers({ a: "1" });
  for (const read of [undefined, null, "text", () => undefined, () => 1]) {
    const request = { header, [RECEIVED_HEADER]: read };
    assert.deepEqual([headerOf(request, "A"), headerOf(request, "b")], ["1", null]);
  }
  assert.equal(headerOf({ header }, "a"), "1");
});
