// Message types with one rule, so that a complaint can only be about it.
import { clone, create, type DescField, type DescMessage, setExtension } from "@bufbuild/protobuf";
import { FieldOptionsSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldOption,
  type MessageRules,
  message as messageOption,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Slot } from "../slot.ts";

/** The message type that has the slot's field alone, whose slot has these rules. */
export function fieldRulesProbe({ field, part }: Slot, rules: FieldRules): DescMessage {
  const options = create(FieldOptionsSchema);
  setExtension(options, fieldOption, around(part, rules));
  const only: DescField = { ...field, proto: { ...field.proto, options } };
  return withFields(field.parent, [only]);
}

/** The message type with these rules, and fields without any. */
export function messageRulesProbe(desc: DescMessage, rules: MessageRules): DescMessage {
  const bare = desc.fields.map((field): DescField => {
    const proto = { ...field.proto };
    delete proto.options;
    return { ...field, proto };
  });
  const options = clone(MessageOptionsSchema, desc.proto.options ?? create(MessageOptionsSchema));
  setExtension(options, messageOption, rules);
  return { ...withFields(desc, bare), proto: { ...desc.proto, options } };
}

function withFields(desc: DescMessage, fields: DescField[]): DescMessage {
  const proto = { ...desc.proto };
  delete proto.options;
  const field = Object.fromEntries(fields.map((one) => [one.localName, one]));
  return { ...desc, proto, fields, members: fields, oneofs: [], field };
}

function around(part: Slot["part"], rules: FieldRules): FieldRules {
  switch (part) {
    case "field":
      return rules;
    case "item":
      return create(FieldRulesSchema, { type: { case: "repeated", value: { items: rules } } });
    case "key":
      return create(FieldRulesSchema, { type: { case: "map", value: { keys: rules } } });
    case "value":
      return create(FieldRulesSchema, { type: { case: "map", value: { values: rules } } });
  }
}
