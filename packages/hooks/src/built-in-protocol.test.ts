// The description by which Rust serves a protocol.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BUILT_IN_PROTOCOL,
  type BuiltInProtocol,
  builtInProtocolOf,
  withBuiltInProtocol,
} from "./built-in-protocol.ts";

const reflection: BuiltInProtocol = { kind: "reflection", state: {} };

test("a registration with a description is the same object, and a copy of it keeps the description", () => {
  const registration = { name: "reflection" };
  const described = withBuiltInProtocol(registration, reflection);
  assert.equal(described, registration);
  assert.equal(builtInProtocolOf(described), reflection);
  assert.equal(builtInProtocolOf({ ...described }), reflection);
});

for (const [what, description] of Object.entries({
  "no description": undefined,
  null: null,
  "a text": "reflection",
  "a description without a kind": { state: {} },
  "a description without a state": { kind: "health" },
  "a description of an unknown kind": { kind: "metrics", state: {} },
})) {
  test(`${what}: it counts as an ordinary protocol`, () => {
    assert.equal(builtInProtocolOf({ name: "a", [BUILT_IN_PROTOCOL]: description }), undefined);
  });
}
