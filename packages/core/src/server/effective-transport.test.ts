// The transport that a server's options result in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EffectiveTransport, resolveEffectiveTransport } from "./effective-transport.ts";

type Options = Parameters<typeof resolveEffectiveTransport>[0];

const transports: [Options, EffectiveTransport][] = [
  [{ hasTls: false }, "plaintext-h1-h2c"],
  [{ hasTls: false, allowHTTP1: undefined, allowH2C: undefined }, "plaintext-h1-h2c"],
  [{ hasTls: false, allowHTTP1: true, allowH2C: true }, "plaintext-h1-h2c"],
  [{ hasTls: false, allowH2C: false }, "plaintext-h1"],
  [{ hasTls: false, allowHTTP1: false }, "h2c"],
  [{ hasTls: true }, "tls-h1-negotiable"],
  [{ hasTls: true, allowH2C: false }, "tls-h1-negotiable"],
  [{ hasTls: true, allowHTTP1: false }, "tls-h2-only"],
  [{ hasTls: true, allowHTTP1: false, allowH2C: false }, "tls-h2-only"],
];

for (const [options, expected] of transports) {
  // contract: T-answers, DEC-allow-h2c
  test(`${JSON.stringify(options)} gives ${expected}`, () => {
    assert.equal(resolveEffectiveTransport(options), expected);
  });
}

// contract: DEC-nothing-served
test("options that leave nothing to serve are rejected", () => {
  assert.throws(() => resolveEffectiveTransport({ hasTls: false, allowHTTP1: false, allowH2C: false }), {
    name: "TypeError",
    message: /one of allowHTTP1 and allowH2C must be true/,
  });
});

// contract: T-answers
test("the constants have the values that resolveEffectiveTransport returns", () => {
  assert.deepEqual(EffectiveTransport, {
    PLAINTEXT_H1: "plaintext-h1",
    PLAINTEXT_H1_H2C: "plaintext-h1-h2c",
    H2C: "h2c",
    TLS_H1_NEGOTIABLE: "tls-h1-negotiable",
    TLS_H2_ONLY: "tls-h2-only",
  });
});
