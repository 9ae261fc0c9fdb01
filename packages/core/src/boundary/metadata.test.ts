// URLs and headers at the boundary: decoded on the way in, limited and encoded on the way out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf, headerIn, headersOf, urlOf } from "./metadata.ts";

const heads: Record<string, { head: string; url: string; headers: [string, string][] }> = {
  "a URL alone": { head: "http://a/b", url: "http://a/b", headers: [] },
  "a URL with headers": {
    head: "http://a/b\nx-a\n1\nx-b\n2",
    url: "http://a/b",
    headers: [
      ["x-a", "1"],
      ["x-b", "2"],
    ],
  },
  "an empty value": {
    head: "u\nx-a\n\nx-b\n2",
    url: "u",
    headers: [
      ["x-a", ""],
      ["x-b", "2"],
    ],
  },
  "an empty value at the end": { head: "u\nx-a\n", url: "u", headers: [["x-a", ""]] },
  "a repeated name": { head: "u\nx-a\n1\nx-a\n2", url: "u", headers: [["x-a", "1, 2"]] },
  "a value that is the name of another": {
    head: "u\nx-b\nx-a\nx-c\nx-a",
    url: "u",
    headers: [
      ["x-b", "x-a"],
      ["x-c", "x-a"],
    ],
  },
  "bytes beyond ASCII": { head: "u\nx-a\n\u00e9\u00ff", url: "u", headers: [["x-a", "\u00e9\u00ff"]] },
};

for (const [what, { head, url, headers }] of Object.entries(heads)) {
  test(`the head of a call with ${what}`, () => {
    assert.equal(urlOf(head), url);
    assert.deepEqual([...headersOf(head)], headers);
    for (const name of ["x-a", "X-B", "x-c", "u", "1", ""]) {
      assert.equal(headerIn(head, name), headers.find(([known]) => known === name.toLowerCase())?.[1] ?? null, name);
    }
  });
}

test("headers larger than clients accept are rejected", () => {
  const fits = new Headers({ "x-a": "1".repeat(24 * 1024 - 32 - 3) });
  assert.equal(fieldsOf(fits)?.length, 2);
  fits.set("x-b", "");
  assert.throws(() => fieldsOf(fits), {
    name: "RangeError",
    message: /^headers or trailers of 24611 bytes cannot be sent/,
  });
});

test("fields alternate name and value; no headers are null", () => {
  assert.equal(fieldsOf(undefined), null);
  assert.equal(fieldsOf(new Headers()), null);
  assert.deepEqual(fieldsOf(new Headers({ "X-A": "1", "x-b": "" })), ["x-a", "1", "x-b", ""]);
});
