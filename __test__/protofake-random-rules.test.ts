// Rules by chance, each made around a value that meets them: there is always a valid fake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createFileRegistry, type DescMessage, type MessageInitShape, setExtension } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import {
  type BytesRulesSchema,
  FieldRulesSchema,
  field as fieldOption,
  type Int32RulesSchema,
  file_buf_validate_validate as rulesFile,
  type StringRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { fake } from "@connectum/testing/protofake";
import fc from "fast-check";

type Rules = MessageInitShape<typeof FieldRulesSchema>;

const characters = fc.constantFrom(..."abcdeXYZ019-_ é🦀");
/** A number from 0 to 1, to be scaled to a length that is not known yet. */
const part = fc.double({ min: 0, max: 1, noNaN: true });
const at = (share: number, length: number) => Math.round(share * length);

const strings = fc
  .record(
    {
      text: fc.array(characters, { minLength: 1, maxLength: 14 }),
      prefix: part,
      suffix: part,
      from: part,
      to: part,
      not: fc.array(characters, { minLength: 2, maxLength: 2 }),
      shorter: part,
      longer: part,
      bytes: part,
      exact: fc.constant(true),
    },
    { requiredKeys: ["text"] },
  )
  .map(({ text, prefix, suffix, from, to, not, shorter, longer, bytes, exact }): Rules => {
    const whole = text.join("");
    const size = new TextEncoder().encode(whole).length;
    const value: MessageInitShape<typeof StringRulesSchema> = {};
    if (prefix !== undefined) value.prefix = text.slice(0, at(prefix, text.length)).join("");
    if (suffix !== undefined) value.suffix = text.slice(at(suffix, text.length)).join("");
    if (from !== undefined && to !== undefined)
      value.contains = text.slice(at(from, text.length), at(to, text.length)).join("");
    if (not !== undefined && !whole.includes(not.join(""))) value.notContains = not.join("");
    if (shorter !== undefined) value.minLen = BigInt(at(shorter, text.length));
    if (longer !== undefined) value.maxLen = BigInt(text.length + at(longer, 9));
    if (bytes !== undefined) value.minBytes = BigInt(at(bytes, size));
    if (bytes !== undefined && longer !== undefined) value.maxBytes = BigInt(size + at(longer, 9));
    if (exact === true) value.len = BigInt(text.length);
    return { type: { case: "string", value } };
  });

const bytes = fc
  .record(
    {
      all: fc.uint8Array({ minLength: 1, maxLength: 10 }),
      prefix: part,
      suffix: part,
      from: part,
      to: part,
      shorter: part,
      longer: part,
    },
    { requiredKeys: ["all"] },
  )
  .map(({ all, prefix, suffix, from, to, shorter, longer }): Rules => {
    const value: MessageInitShape<typeof BytesRulesSchema> = {};
    if (prefix !== undefined) value.prefix = all.slice(0, at(prefix, all.length));
    if (suffix !== undefined) value.suffix = all.slice(at(suffix, all.length));
    if (from !== undefined && to !== undefined) value.contains = all.slice(at(from, all.length), at(to, all.length));
    if (shorter !== undefined) value.minLen = BigInt(at(shorter, all.length));
    if (longer !== undefined) value.maxLen = BigInt(all.length + at(longer, 6));
    return { type: { case: "bytes", value } };
  });

const integers = fc
  .record(
    {
      number: fc.integer({ min: -50, max: 50 }),
      below: fc.integer({ min: 1, max: 20 }),
      above: fc.integer({ min: 1, max: 20 }),
      not: fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 9 }),
    },
    { requiredKeys: ["number"] },
  )
  .map(({ number, below, above, not = [] }): Rules => {
    const value: MessageInitShape<typeof Int32RulesSchema> = { notIn: not.filter((other) => other !== number) };
    if (below !== undefined) value.greaterThan = { case: "gt", value: number - below };
    if (above !== undefined) value.lessThan = { case: "lte", value: number + above - 1 };
    return { type: { case: "int32", value } };
  });

const { STRING, BYTES, INT32 } = FieldDescriptorProto_Type;
const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;

/** A message type with one field, which has the rules. */
function messageWith(rules: Rules, type: FieldDescriptorProto_Type, label: FieldDescriptorProto_Label): DescMessage {
  const options = create(FieldOptionsSchema);
  setExtension(options, fieldOption, create(FieldRulesSchema, rules));
  const field = [{ name: "value", jsonName: "value", number: 1, type, label, options }];
  const dependency = [rulesFile.proto.name];
  const messageType = [{ name: "Ruled", field }];
  const file = create(FileDescriptorProtoSchema, { name: "ruled.proto", syntax: "proto3", dependency, messageType });
  const schema = createFileRegistry(file, () => rulesFile).getMessage("Ruled");
  return schema ?? assert.fail("there is no such message");
}

function check(schema: DescMessage, seed: number): void {
  // A validator of its own, since all messages here have one name.
  const result = createValidator().validate(schema, fake(schema, { seed, faker: false }));
  assert.equal(result.kind, "valid", String(result.error));
}

const kinds = [
  ["strings", strings, STRING],
  ["bytes", bytes, BYTES],
  ["integers", integers, INT32],
] as const;

for (const [name, arbitrary, type] of kinds) {
  test(`${name} meet rules by chance, alone and in lists`, { timeout: 60_000 }, () => {
    const property = fc.property(arbitrary, fc.integer(), fc.nat({ max: 3 }), (rules, seed, least) => {
      check(messageWith(rules, type, OPTIONAL), seed);
      const value = { minItems: BigInt(least), maxItems: BigInt(least + 1), items: rules };
      check(messageWith({ type: { case: "repeated", value } }, type, REPEATED), seed);
    });
    fc.assert(property, { seed: 1, numRuns: 80 });
  });
}
