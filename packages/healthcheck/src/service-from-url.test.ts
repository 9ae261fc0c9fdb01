// The service that the URL of a health request names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServiceFromUrl } from "./service-from-url.ts";

const requests: [string | undefined, string | undefined, string | undefined][] = [
  [undefined, "localhost", undefined],
  ["", "localhost", undefined],
  ["/healthz", "localhost", undefined],
  ["/healthz?other=1", undefined, undefined],
  ["/healthz?service=a.One", undefined, "a.One"],
  ["/healthz?service=a.One&service=a.Two", "localhost:80", "a.One"],
  ["/healthz?x=1&service=a%2EOne+b", "localhost", "a.One b"],
  ["/healthz?service=", "localhost", ""],
  ["/healthz?service", "localhost", ""],
  ["/healthz?service=a.One", "", "a.One"],
  ["/healthz?service=a.One", "a b<>", undefined],
  ["/healthz?service=a.One", "[", undefined],
];

for (const [url, host, expected] of requests) {
  // contract: HC-27
  test(`${JSON.stringify(url)} to ${JSON.stringify(host)} asks about ${JSON.stringify(expected)}`, () => {
    assert.equal(parseServiceFromUrl(url, host), expected);
  });
}
