// Keys of options that do not exist, and the names that were probably meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertKnownKeys, nearestName, unknownKeys } from "./known-keys.ts";

const keys = { port: true, host: true, maxRetries: true };
const check = (value: unknown, option?: string) => () =>
  assertKnownKeys(value, keys, { where: "server", option, otherNames: { hostname: "host" } });

test("known keys pass, and so do those that are undefined, and no object at all", () => {
  for (const value of [undefined, {}, { port: 1, host: null }, { prot: undefined }, new (class {})()]) check(value)();
});

test("only the object's own keys count", () => {
  check(Object.create({ prot: 1 }))();
  assert.throws(check({ constructor: 1 }), { message: /^server: there is no option "constructor"\./ });
  assert.throws(check(JSON.parse('{ "__proto__": 1 }')), { message: /there is no option "__proto__"/ });
});

for (const [value, option, message] of [
  [{ prot: 1 }, undefined, 'server: there is no option "prot". Did you mean "port"?'],
  [{ maxRetry: 1 }, undefined, 'server: there is no option "maxRetry". Did you mean "maxRetries"?'],
  [{ "max-retries": 1 }, undefined, 'server: there is no option "max-retries". Did you mean "maxRetries"?'],
  [{ MAX_RETRIES: 1 }, undefined, 'server: there is no option "MAX_RETRIES". Did you mean "maxRetries"?'],
  [{ hostname: 1 }, "tls", 'server: there is no option "tls.hostname". Did you mean "tls.host"?'],
  [{ colour: 1 }, "tls", 'server: there is no option "tls.colour". It can be "port", "host", "maxRetries".'],
  [[], undefined, "server: the options must be an object, not an array"],
  [null, "tls", "server: tls must be an object, not null"],
  [() => {}, "tls", "server: tls must be an object, not a function"],
] as const) {
  test(message, () => {
    assert.throws(check(value, option), { name: "TypeError", message });
  });
}

test("the nearest name differs in at most two fifths of its letters; a very long one has none", () => {
  assert.equal(nearestName("pxrt", ["port", "host"]), "port");
  assert.equal(nearestName("pxxt", ["port", "host"]), undefined);
  assert.equal(nearestName("p".repeat(100_000), ["port"]), undefined);
  assert.equal(nearestName("portNumber", ["host", "port"]), "port");
  assert.equal(nearestName("port", []), undefined);
});

test("unknownKeys names all of them, in order", () => {
  assert.deepEqual(unknownKeys({ b: 1, port: 2, a: 3, c: undefined }, keys), ["b", "a"]);
});
