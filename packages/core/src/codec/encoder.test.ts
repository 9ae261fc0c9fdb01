// The compiled encoder writes the same bytes as protobuf-es, or leaves the value to it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { EditionsSchema } from "../../../../__test__/protobuf-files/gen/editions_pb.js";
import { FieldsSchema } from "../../../../__test__/protobuf-files/gen/fields_pb.js";
import { MustHaveSchema, PresenceSchema } from "../../../../__test__/protobuf-files/gen/presence_pb.js";
import { Proto2Schema } from "../../../../__test__/protobuf-files/gen/proto2_pb.js";
import { Proto3Schema } from "../../../../__test__/protobuf-files/gen/proto3_pb.js";
import { randomFrom, randomInit, VALUES } from "../../../../__test__/support/random-messages.ts";
import { compileEncoder } from "./compile.ts";
import { Writer } from "./writer.ts";

const ROUNDS = 4_000;
const BEGIN = 7;

/** The bytes that the encoder writes; undefined if it leaves the value to protobuf-es. */
function encoded(type: DescMessage, value: object, room = 4 * 1024 * 1024): Uint8Array | undefined {
  const encode = compileEncoder(type) ?? assert.fail(`${type.typeName} is compiled`);
  const writer = new Writer(BEGIN + room + 1024);
  writer.at = BEGIN;
  writer.limit = BEGIN + room;
  if (encode(value, writer) === "written") return writer.bytes.subarray(BEGIN, writer.at);
  assert.equal(writer.at, BEGIN, "an encoder that gives up writes nothing");
  return undefined;
}

for (const type of [FieldsSchema, PresenceSchema]) {
  test(`${type.name}: ${ROUNDS} random values, as objects and as messages, are encoded as by protobuf-es`, () => {
    const random = randomFrom(0xc0ffee);
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const init = randomInit(type, random, 3);
      const message = create(type as DescMessage, init);
      const expected = toBinary(type as DescMessage, message);
      for (const [shape, value] of [
        ["object", init],
        ["message", message],
      ] as const) {
        const written = encoded(type, value) ?? assert.fail(`round ${round}: the ${shape} is not encoded`);
        assert.ok(
          expected.length === written.length && Buffer.from(expected).equals(written),
          `round ${round}: ${shape}`,
        );
      }
      bytes += expected.length;
    }
    assert.ok(bytes > ROUNDS * 10, `${bytes} bytes`);
  });
}

test("every sample value of each scalar type is encoded as by protobuf-es", () => {
  for (const field of FieldsSchema.fields) {
    if (field.fieldKind !== "scalar" || field.oneof !== undefined) continue;
    for (const value of VALUES[field.scalar]) {
      const init: Record<string, unknown> = { [field.localName]: value };
      const expected = toBinary(FieldsSchema, create(FieldsSchema, init as object));
      assert.deepEqual([...(encoded(FieldsSchema, init) ?? [-1])], [...expected], `${field.name} ${value}`);
    }
  }
});

for (const [what, value] of Object.entries({
  "a negative zero of a list": { doubles: [-0], floats: [-0, 0] },
  "a negative zero of a map": { byBool: { true: -0 } },
  "a negative zero of an integer": { int32: -0, uint32: -0, int32s: [-0] },
  "a key of a map that is __proto__": { texts: JSON.parse('{"a": "1", "__proto__": "2", "b": "3"}') },
})) {
  test(`${what} is encoded as by protobuf-es`, () => {
    const expected = toBinary(FieldsSchema, create(FieldsSchema, value));
    assert.deepEqual([...(encoded(FieldsSchema, value) ?? [-1])], [...expected]);
  });
}

test("an empty message has no bytes", () => {
  assert.equal(encoded(EmptySchema, {})?.byteLength, 0);
});

const fields = (init: object = {}) => create(FieldsSchema, init) as unknown as Record<string, unknown>;
const unsupported: Record<string, [DescMessage, object]> = {
  "a string where a number belongs": [FieldsSchema, { int32: "1" }],
  "a number where a string belongs": [FieldsSchema, { string: 1 }],
  "a number where a bigint belongs": [FieldsSchema, { int64: 1 }],
  "a string where a bigint belongs": [FieldsSchema, { uint64: "1" }],
  "a number where a boolean belongs": [FieldsSchema, { bool: 1 }],
  "a fraction": [FieldsSchema, { int32: 1.5 }],
  "not a number": [FieldsSchema, { uint32: Number.NaN }],
  "an int32 out of range": [FieldsSchema, { int32: 2 ** 31 }],
  "a negative uint32": [FieldsSchema, { uint32: -1 }],
  "an int64 out of range": [FieldsSchema, { sint64: 2n ** 63n }],
  "a negative uint64": [FieldsSchema, { fixed64: -1n }],
  "a negative zero, which not every version writes": [FieldsSchema, { double: -0 }],
  "a negative zero of a float": [FieldsSchema, { float: -0 }],
  "a float out of range": [FieldsSchema, { float: 1e39 }],
  "an array of bytes": [FieldsSchema, { bytes: [1] }],
  "a string for bytes": [FieldsSchema, { bytes: "AA==" }],
  "a string where a list belongs": [FieldsSchema, { strings: "abc" }],
  "a hole in a list": [FieldsSchema, { strings: new Array(2) }],
  "null in a list": [FieldsSchema, { messages: [null] }],
  "a number where a map belongs": [FieldsSchema, { texts: 5 }],
  "a key that is not a boolean": [FieldsSchema, { byBool: { yes: 1 } }],
  "a oneof without its value": [FieldsSchema, { choice: { case: "chosenText" } }],
  "a message where a number belongs": [FieldsSchema, { int32: {} }],
  "a number where a message belongs": [FieldsSchema, { nested: 5 }],
  "a list where a message belongs": [FieldsSchema, { nested: [] }],
  "a list in a list of messages": [FieldsSchema, { messages: [[]] }],
  "a list where a map belongs": [FieldsSchema, { fields: [{}] }],
  "a message of another type": [FieldsSchema, { nested: create(PresenceSchema) }],
  "an object in a message": [FieldsSchema, Object.assign(fields(), { nested: {} })],
  "null in a message": [FieldsSchema, Object.assign(fields(), { int32: null })],
  "undefined in a message": [FieldsSchema, Object.assign(fields(), { string: undefined })],
  "a message without its list": [FieldsSchema, Object.assign(fields(), { strings: undefined })],
  "a message without its oneof": [FieldsSchema, Object.assign(fields(), { choice: undefined })],
  "unknown fields": [
    FieldsSchema,
    Object.assign(fields(), { $unknown: [{ no: 999, wireType: 0, data: new Uint8Array([1]) }] }),
  ],
  "unknown fields of a nested message": [
    FieldsSchema,
    { nested: Object.assign(fields(), { $unknown: [{ no: 999, wireType: 0, data: new Uint8Array([1]) }] }) },
  ],
  "a required field that is not set": [MustHaveSchema, { more: 1 }],
};

for (const [what, [type, value]] of Object.entries(unsupported)) {
  test(`${what} is left to protobuf-es`, () => {
    assert.equal(encoded(type, value), undefined);
  });
}

test("a required field that is set is written", () => {
  const expected = toBinary(MustHaveSchema, create(MustHaveSchema, { needed: "" }));
  assert.deepEqual([...(encoded(MustHaveSchema, { needed: "" }) ?? [])], [...expected]);
});

test("types with groups, wrappers, Struct or maps with numeric keys are left to protobuf-es", () => {
  for (const type of [EditionsSchema, Proto2Schema, Proto3Schema]) assert.equal(compileEncoder(type), undefined);
});

test("a value that does not fit is not encoded, wherever the space ends", () => {
  const value = {
    string: "a".repeat(200),
    bytes: new Uint8Array(200),
    int32s: Array.from({ length: 100 }, (_, at) => at * 1000),
    strings: ["a", "b".repeat(50), "ü".repeat(70)],
    nested: { double: 1, texts: { a: "b" } },
    doubles: [1, 2, 3],
  };
  const whole = encoded(FieldsSchema, value) ?? assert.fail("it fits");
  let written = 0;
  for (let room = 0; room < whole.length + 250; room += 1) {
    const bytes = encoded(FieldsSchema, value, room);
    if (room < whole.length) assert.equal(bytes, undefined, `${room} bytes`);
    // Text reserves more space than it turns out to need.
    if (bytes !== undefined) {
      assert.ok(Buffer.from(bytes).equals(whole));
      written += 1;
    }
  }
  assert.ok(written > 0);
});

test("an exception of a getter is passed on", () => {
  const value = {
    get string(): string {
      throw new RangeError("mine");
    },
  };
  assert.throws(() => encoded(FieldsSchema, value), { name: "RangeError", message: "mine" });
});
