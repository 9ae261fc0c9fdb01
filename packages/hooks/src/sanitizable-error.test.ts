// Recognition of sanitizable errors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { isSanitizableError } from "./sanitizable-error.ts";

const texts = { clientMessage: "no", serverDetails: { table: "users" }, code: Code.Internal };

class Inherited extends Error {
  readonly code = 5;
  get clientMessage() {
    return "no";
  }
  get serverDetails() {
    return {};
  }
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable(new Error("a"), {});
  revoke();
  return proxy;
}

const cases: Record<string, [unknown, boolean]> = {
  "an error with both texts and a code": [Object.assign(new Error("a"), texts), true],
  "an error of connect with both texts": [
    Object.assign(new ConnectError("a"), { clientMessage: "", serverDetails: {} }),
    true,
  ],
  "an error of a class with getters": [new Inherited(), true],
  "details that are an array": [Object.assign(new Error("a"), texts, { serverDetails: [] }), true],
  "details that are null": [Object.assign(new Error("a"), texts, { serverDetails: null }), false],
  "details that are a text": [Object.assign(new Error("a"), texts, { serverDetails: "a" }), false],
  "no details": [Object.assign(new Error("a"), { clientMessage: "no", code: 1 }), false],
  "a text for the client that is a number": [Object.assign(new Error("a"), texts, { clientMessage: 1 }), false],
  "a code that is a text": [Object.assign(new Error("a"), texts, { code: "internal" }), false],
  "no code": [Object.assign(new Error("a"), { clientMessage: "no", serverDetails: {} }), false],
  "an error whose text for the client is a getter that throws": [
    Object.defineProperty(Object.assign(new Error("a"), texts), "clientMessage", {
      get: () => {
        throw new Error("unreadable");
      },
    }),
    false,
  ],
  "a revoked proxy": [revoked(), false],
  "a plain error": [new Error("a"), false],
  "an object that is not an Error": [{ ...texts, message: "a", name: "Error" }, false],
  null: [null, false],
  undefined: [undefined, false],
  "a text": ["a", false],
};

for (const [what, [value, expected]] of Object.entries(cases)) {
  // contract: Z1
  test(`${what}: ${expected ? "sanitizable" : "not"}`, () => {
    assert.equal(isSanitizableError(value), expected);
  });
}
