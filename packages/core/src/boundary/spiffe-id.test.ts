// Which certificates have a SPIFFE ID.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spiffeIdOf } from "./spiffe-id.ts";

const id = "spiffe://example.org/orders";

// contract: PE-spiffe
test("the only URI of a certificate is its ID", () => {
  for (const uri of [id, "spiffe://a_b-c.1/x/Y/..z/.hidden", `spiffe://e/${"x".repeat(2000)}`]) {
    assert.equal(spiffeIdOf({ uri: [uri], signsOthers: false }), uri);
  }
});

for (const [what, uri] of Object.entries({
  "no URI": [],
  "two URIs": [id, "https://example.org"],
  "the ID twice": [id, id],
  "another scheme": ["https://example.org/orders"],
  "no trust domain": ["spiffe:///orders"],
  "a trust domain in capitals": ["spiffe://Example.org/orders"],
  "no path": ["spiffe://example.org"],
  "a port": ["spiffe://example.org:443/orders"],
  "a user": ["spiffe://user@example.org/orders"],
  "a query": [`${id}?a=b`],
  "a fragment": [`${id}#a`],
  "an escape": [`${id}%2f`],
  "an empty segment": ["spiffe://example.org//orders"],
  "a slash at the end": [`${id}/`],
  "a dot segment": ["spiffe://example.org/./orders"],
  "a double dot segment": ["spiffe://example.org/orders/.."],
  "a line feed behind it": [`${id}\n`],
  "too many bytes": [`spiffe://e/${"x".repeat(2048)}`],
})) {
  test(`${what} is no ID`, () => {
    assert.equal(spiffeIdOf({ uri, signsOthers: false }), undefined);
  });
}

// contract: PE-spiffe
test("a certificate that may sign others has none", () => {
  assert.equal(spiffeIdOf({ uri: [id], signsOthers: true }), undefined);
});
