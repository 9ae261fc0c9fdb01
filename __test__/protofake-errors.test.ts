// Where there is no fake, the error names the field, the rule and why; and it comes after a bounded time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { FakeError, fake } from "@connectum/testing/protofake";
import * as impossible from "./protofake/gen/connectum/protofake/v1/impossible_pb.js";
import { EndlessSchema } from "./protofake/gen/connectum/protofake/v1/rules_pb.js";

/** The error of a message that cannot be made. */
function errorOf(schema: DescMessage): FakeError {
  try {
    fake(schema, { seed: 1, optional: 1 });
  } catch (error) {
    assert.ok(error instanceof FakeError, String(error));
    return error;
  }
  assert.fail(`a fake of ${schema.typeName} was made`);
}

const tooMany: [schema: DescMessage, field: string, ruleId: string, most: number][] = [
  [impossible.TooManyItemsSchema, "numbers", "repeated.min_items", 100_000],
  [impossible.TooManyPairsSchema, "pairs", "map.min_pairs", 100_000],
  [impossible.TooLongTextSchema, "text", "string.min_len", 1_000_000],
  [impossible.TooManyBytesOfTextSchema, "text", "string.len_bytes", 1_000_000],
  [impossible.TooManyBytesSchema, "data", "bytes.min_len", 1_000_000],
];

for (const [schema, field, ruleId, most] of tooMany) {
  test(`a size that would take all memory is an error with the limit: ${schema.name}`, { timeout: 5000 }, () => {
    const error = errorOf(schema);
    assert.deepEqual([error.field, error.ruleId], [field, ruleId]);
    assert.match(error.complaint, new RegExp(`^it asks for \\d+, and fakes have at most ${most}$`));
  });
}

test("a search ends also if each validation takes long", { timeout: 30_000 }, () => {
  const error = errorOf(impossible.SlowExpressionSchema);
  assert.equal(error.ruleId, "slow");
  assert.match(error.complaint, /; its expressions took more than 5 seconds$/);
});

const rules: [schema: DescMessage, field: string, ruleId: string, complaint: RegExp][] = [
  [impossible.ThreeBooleansSchema, "flags", "repeated.unique", /^there are no more than 2 different items/],
  [impossible.ThreeBooleanKeysSchema, "sides", "map.min_pairs", /^there are no more than 2 different keys/],
  [impossible.BeyondTheTypeSchema, "number", "int32.gt", /^must be greater than 2147483647$/],
  [impossible.WrongTypesSchema, "text", "wrong.types", /./],
  [impossible.WrongTypesOfMessageSchema, "", "wrong.syntax", /^failed to compile wrong\.syntax: /],
  [impossible.NoResultSchema, "text", "no.result", /./],
  [impossible.ShortAddressSchema, "mail", "string.max_len", /^must be at most 2 characters$/],
  [EndlessSchema, "next", "required", /requires another one within it, without end$/],
];

for (const [schema, field, ruleId, complaint] of rules) {
  test(`the error names field and rule, and says why: ${schema.name}`, () => {
    const error = errorOf(schema);
    assert.deepEqual([error.field, error.ruleId], [field, ruleId]);
    assert.match(error.complaint, complaint);
  });
}
