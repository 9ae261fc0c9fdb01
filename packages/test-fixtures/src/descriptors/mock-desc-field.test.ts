// Fields, made by hand. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { FieldOptionsSchema } from "@bufbuild/protobuf/wkt";
import { createMockDescField, type MockDescFieldOptions } from "@connectum/test-fixtures";

// contract: DF-1
test("a field is a scalar of no message", () => {
  const field = createMockDescField("user_name");
  const { kind, name, localName, jsonName, fieldKind, parent, oneof } = field;
  assert.deepEqual([kind, name, localName, jsonName], ["field", "user_name", "user_name", "user_name"]);
  assert.deepEqual([fieldKind, parent, oneof], ["scalar", undefined, undefined]);
  const old: object = field;
  assert.deepEqual(
    ["repeated", "packed", "optional"].map((property) => Reflect.get(old, property)),
    [false, false, false],
  );
});

const types: Record<string, number> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};

for (const [type, scalar] of Object.entries(types)) {
  // contract: DF-2
  test(`the scalar type ${type} is ${scalar}`, () => {
    assert.equal(createMockDescField("a", { type }).scalar, scalar);
  });
}

// contract: DF-2
test("any other type is string", () => {
  for (const type of [undefined, "", "INT64", "message", "enum", "group", "9", "toString"]) {
    assert.equal(createMockDescField("a", { type }).scalar, 9, type);
  }
});

// contract: DF-3
test("the number is 1 unless it is given", () => {
  assert.deepEqual([createMockDescField("a").number, createMockDescField("b").number], [1, 1]);
  assert.equal(createMockDescField("a", { fieldNumber: 536_870_911 }).number, 536_870_911);
});

// contract: DF-4
test("a sensitive field has the option debug_redact, by both names", () => {
  assert.equal(createMockDescField("a").proto.options, undefined);
  assert.equal(createMockDescField("a", { isSensitive: false }).proto.options, undefined);
  const { options } = createMockDescField("a", { isSensitive: true }).proto;
  assert.ok(options !== undefined);
  assert.deepEqual([options.debugRedact, Reflect.get(options, "debug_redact")], [true, true]);
  assert.deepEqual([...toBinary(FieldOptionsSchema, options)], [128, 1, 1]);
});

test("an option that does not exist, and a number that no field can have, are rejected", () => {
  assert.throws(() => createMockDescField("a", { number: 1 } as MockDescFieldOptions), {
    name: "TypeError",
    message: 'createMockDescField: there is no option "number". It can be "isSensitive", "fieldNumber", "type".',
  });
  for (const fieldNumber of [0, -1, 1.5, 536_870_912, Number.NaN]) {
    assert.throws(() => createMockDescField("a", { fieldNumber }), {
      name: "RangeError",
      message: `createMockDescField: the number of a must be from 1 to 536870911, not ${fieldNumber}`,
    });
  }
});
