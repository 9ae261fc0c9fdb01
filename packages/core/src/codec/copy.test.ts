// A copied message is the one that serializing and parsing would give, and shares nothing with its original.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { StructSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { EditionsSchema } from "../../../../__test__/protobuf-files/gen/editions_pb.js";
import { FieldsSchema } from "../../../../__test__/protobuf-files/gen/fields_pb.js";
import { MustHaveSchema, PresenceSchema } from "../../../../__test__/protobuf-files/gen/presence_pb.js";
import { Proto2Schema } from "../../../../__test__/protobuf-files/gen/proto2_pb.js";
import { Proto3Schema } from "../../../../__test__/protobuf-files/gen/proto3_pb.js";
import { randomFrom, randomInit, VALUES } from "../../../../__test__/support/random-messages.ts";
import { type Copy, compileCopier } from "./copy.ts";

const ROUNDS = 4_000;

/** What arrives when the value is really sent. */
function sent(type: DescMessage, value: object): { message: Message; bytes: number } {
  const bytes = toBinary(type, create(type, value as MessageInitShape<DescMessage>));
  return { message: fromBinary(type, bytes), bytes: bytes.byteLength };
}

function copyOf(type: DescMessage, value: object): Copy | undefined {
  const copy = compileCopier(type) ?? assert.fail(`${type.typeName} is compiled`);
  return copy(value);
}

/** All objects of a value, itself included. */
function objectsOf(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== "object" || value === null || found.has(value)) return found;
  // The default of protobuf-es is one for all messages.
  if (value instanceof Uint8Array) return value.byteLength === 0 ? found : found.add(value).add(value.buffer);
  found.add(value);
  for (const inner of Object.values(value)) objectsOf(inner, found);
  return found;
}

function assertCopied(type: DescMessage, value: object, what: string): boolean {
  const copy = copyOf(type, value);
  if (copy === undefined) return false;
  const { message, bytes } = sent(type, value);
  assert.deepStrictEqual(copy.message, message, what);
  assert.equal(Object.getPrototypeOf(copy.message), Object.getPrototypeOf(message), what);
  assert.ok(copy.maxBytes >= bytes, `${what}: ${copy.maxBytes} bounds ${bytes}`);
  const own = objectsOf(copy.message);
  for (const shared of objectsOf(value)) assert.ok(!own.has(shared), `${what}: nothing is shared`);
  return true;
}

for (const type of [FieldsSchema, PresenceSchema, EditionsSchema, Proto2Schema, Proto3Schema]) {
  if (compileCopier(type) === undefined) continue;
  test(`${type.name}: ${ROUNDS} random values, as objects and as messages, are copied as if they were sent`, () => {
    const random = randomFrom(0xc0ffee);
    let copied = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const init = randomInit(type, random, 3);
      if (assertCopied(type, init, `round ${round}: object`)) copied += 1;
      if (assertCopied(type, create(type as DescMessage, init), `round ${round}: message`)) copied += 1;
    }
    // Half of a surrogate pair is among the texts.
    assert.ok(copied > ROUNDS / 4, `${copied} of ${2 * ROUNDS} are copied`);
  });
}

test("every sample value of each scalar type is copied or left to protobuf-es", () => {
  const left: string[] = [];
  for (const field of FieldsSchema.fields) {
    if (field.fieldKind !== "scalar" || field.oneof !== undefined) continue;
    for (const value of VALUES[field.scalar]) {
      const init = { [field.localName]: value };
      if (!assertCopied(FieldsSchema, init, `${field.name} ${value}`))
        left.push(`${field.name} ${JSON.stringify(value)}`);
    }
  }
  assert.deepEqual(left, ['string "\\ud800"', 'string "x\\udc00"', 'maybe_text "\\ud800"', 'maybe_text "x\\udc00"']);
});

for (const [what, value] of Object.entries({
  "a negative zero of a list": { doubles: [-0], floats: [-0, 0] },
  "a negative zero of an integer": { int32: -0, uint32: -0, int32s: [-0] },
  "bytes that are a view of other memory": { bytes: Buffer.from("abc").subarray(1), bytesList: [Buffer.from("x")] },
  "a key of a map that an object has": { texts: { constructor: "1", toString: "2" } },
  "a property that the type does not have": { int32: 1, other: 2 },
  "an unknown case of a oneof": { choice: { case: "another", value: 1 } },
})) {
  test(`${what} is copied as if it were sent`, () => assert.ok(assertCopied(FieldsSchema, value, what)));
}

/** Values that a parser does not give back as they are. */
const delegated: Readonly<Record<string, [DescMessage, object]>> = {
  "a number that is no int32": [FieldsSchema, { int32: 1.5 }],
  "a text for a number": [FieldsSchema, { int32: "1" }],
  "a number for a 64-bit integer": [FieldsSchema, { int64: 1 }],
  "a negative zero": [FieldsSchema, { double: -0 }],
  "half of a surrogate pair": [FieldsSchema, { string: "\ud800" }],
  "a float that is too large": [FieldsSchema, { float: 1e300 }],
  "an array of numbers for bytes": [FieldsSchema, { bytes: [1, 2] }],
  "a key that is __proto__": [FieldsSchema, { texts: JSON.parse('{"__proto__": "2"}') }],
  "unknown fields": [FieldsSchema, Object.assign(create(FieldsSchema), { $unknown: [] })],
  "a message of another type": [FieldsSchema, { nested: create(TimestampSchema) }],
  "a required field that is not set": [MustHaveSchema, {}],
};

for (const [what, [type, value]] of Object.entries(delegated)) {
  test(`${what} is left to protobuf-es`, () => assert.equal(copyOf(type, value), undefined));
}

test("a message that contains itself is left to protobuf-es", () => {
  const value: Record<string, unknown> = {};
  value["nested"] = value;
  assert.equal(copyOf(FieldsSchema, value), undefined);
});

test("types that protobuf-es stores in another form are not compiled", () => {
  for (const type of [StructSchema, ValueSchema]) assert.equal(compileCopier(type), undefined, type.typeName);
});

test("what a getter throws is not swallowed", () => {
  const value = {
    get string(): string {
      throw new Error("mine");
    },
  };
  assert.throws(() => copyOf(FieldsSchema, value), { message: "mine" });
});
