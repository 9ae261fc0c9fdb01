// The error that the client of a call in process gets: its text is as long as it would be over the wire.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { internalError } from "../calls/failure.ts";
import { errorOf, MAX_MESSAGE_BYTES } from "./local-failure.ts";

const textOf = (message: string) => errorOf({ ...internalError, code: Code.Internal, message }).rawMessage;

test("the most bytes of a text are those of Rust", () => {
  const source = readFileSync(new URL("../../../../src/protocol/connect/error_json.rs", import.meta.url), "utf8");
  const [, factors = ""] = /MAX_MESSAGE_BYTES: usize = ([\d* ]+);/.exec(source) ?? [];
  const bytes = factors.split("*").reduce((product, factor) => product * Number(factor), 1);
  assert.equal(MAX_MESSAGE_BYTES, bytes);
});

const a = (count: number) => "a".repeat(count);

const texts: Readonly<Record<string, [message: string, sent: string]>> = {
  "a text of the most bytes": [a(MAX_MESSAGE_BYTES), a(MAX_MESSAGE_BYTES)],
  "one byte more": [a(MAX_MESSAGE_BYTES + 1), a(MAX_MESSAGE_BYTES)],
  "a character of two bytes that just fits": [`${a(MAX_MESSAGE_BYTES - 2)}éx`, `${a(MAX_MESSAGE_BYTES - 2)}é`],
  "a character of two bytes at the limit": [`${a(MAX_MESSAGE_BYTES - 1)}é`, a(MAX_MESSAGE_BYTES - 1)],
  "a character of four bytes at the limit": [`${a(MAX_MESSAGE_BYTES - 3)}🦀`, a(MAX_MESSAGE_BYTES - 3)],
  "half of a surrogate pair at the limit": [`${a(MAX_MESSAGE_BYTES - 2)}\ud800`, a(MAX_MESSAGE_BYTES - 2)],
  "half of a surrogate pair that just fits": [
    `${a(MAX_MESSAGE_BYTES - 3)}\ud800b`,
    `${a(MAX_MESSAGE_BYTES - 3)}\ufffd`,
  ],
  "characters of three bytes": ["€".repeat(MAX_MESSAGE_BYTES), "€".repeat(Math.floor(MAX_MESSAGE_BYTES / 3))],
};

for (const [what, [message, sent]] of Object.entries(texts)) {
  test(`${what} is sent whole, or truncated between characters`, () => {
    assert.equal(textOf(message), sent);
  });
}
