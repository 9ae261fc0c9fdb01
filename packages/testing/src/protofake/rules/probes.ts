// Message types with some of the fields and rules of another one, so that the validator looks at nothing else.
import { clone, create, type DescField, type DescMessage, getOption, setExtension } from "@bufbuild/protobuf";
import { FieldOptionsSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldOption,
  type MessageRules,
  MessageRulesSchema,
  message as messageOption,
  type Rule,
  RuleSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { conjuncts } from "../cel/conjuncts.ts";

/** `fine` for expressions that are divided into the parts that all have to be true. */
export type Grain = "whole" | "fine";

const ofFields = { whole: new WeakMap<DescField, DescMessage>(), fine: new WeakMap<DescField, DescMessage>() };
const ofMessages = new WeakMap<DescMessage, Map<string, DescMessage>>();

/** The message type with this field alone, and without rules of the message. */
export function fieldProbe(field: DescField, grain: Grain = "whole"): DescMessage {
  const known = ofFields[grain].get(field);
  if (known !== undefined) return known;
  const { parent } = field;
  const proto = { ...parent.proto };
  delete proto.options;
  const oneof = field.oneof && { ...field.oneof, proto: { ...field.oneof.proto } };
  delete oneof?.proto.options;
  const only = grain === "fine" ? withFineRules(field) : field;
  const members = [oneof ?? only];
  const probe = { ...parent, proto, fields: [only], members, oneofs: oneof ? [oneof] : [], field: byName([only]) };
  ofFields[grain].set(field, probe);
  return probe;
}

/**
 * The message type with its own rules and some of its fields, with fine expressions.
 * @param names of the fields
 */
export function messageProbe(desc: DescMessage, names: ReadonlySet<string>): DescMessage {
  const byNames = ofMessages.get(desc) ?? new Map<string, DescMessage>();
  ofMessages.set(desc, byNames);
  const key = [...names].sort().join();
  const known = byNames.get(key);
  if (known !== undefined) return known;
  const fields = desc.fields.filter(({ name }) => names.has(name)).map(withFineRules);
  const options = desc.proto.options && clone(MessageOptionsSchema, desc.proto.options);
  if (options !== undefined) setExtension(options, messageOption, fineMessageRules(getOption(desc, messageOption)));
  const proto = options === undefined ? desc.proto : { ...desc.proto, options };
  const probe = { ...desc, proto, fields, members: fields, oneofs: [], field: byName(fields) };
  byNames.set(key, probe);
  return probe;
}

function byName(fields: readonly DescField[]): Record<string, DescField> {
  return Object.fromEntries(fields.map((field) => [field.localName, field]));
}

function withFineRules(field: DescField): DescField {
  if (field.proto.options === undefined) return field;
  const options = clone(FieldOptionsSchema, field.proto.options);
  setExtension(options, fieldOption, fineFieldRules(getOption(field, fieldOption)));
  return { ...field, proto: { ...field.proto, options } };
}

function fineFieldRules(rules: FieldRules): FieldRules {
  const fine = clone(FieldRulesSchema, rules);
  fine.cel = fine.cel.flatMap(fineRules);
  fine.celExpression = fine.celExpression.flatMap(conjuncts);
  const { type } = fine;
  if (type.case === "repeated" && type.value.items) type.value.items = fineFieldRules(type.value.items);
  if (type.case === "map" && type.value.keys) type.value.keys = fineFieldRules(type.value.keys);
  if (type.case === "map" && type.value.values) type.value.values = fineFieldRules(type.value.values);
  return fine;
}

function fineMessageRules(rules: MessageRules): MessageRules {
  const fine = clone(MessageRulesSchema, rules);
  fine.cel = fine.cel.flatMap(fineRules);
  fine.celExpression = fine.celExpression.flatMap(conjuncts);
  // These have their own way to be met.
  fine.oneof = [];
  return fine;
}

/** The ids of the parts are their texts, by which a search knows which one is false. */
function fineRules(rule: Rule): Rule[] {
  return conjuncts(rule.expression).map((expression) => create(RuleSchema, { id: expression, expression }));
}
