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
import { alternatives, type Parts } from "../cel/alternatives.ts";

/** One of the ways in which the expressions are true: a number below that of `waysOfField` or `waysOfMessage`. */
export type Way = number;

/** More ways are not tried. */
const MOST_WAYS = 12;

const ofFields = new WeakMap<DescField, Map<Way | undefined, DescMessage>>();
const ofMessages = new WeakMap<DescMessage, Map<string, DescMessage>>();

/**
 * The message type with this field alone, and without rules of the message.
 * @param way for expressions that are divided into the parts of one way
 */
export function fieldProbe(field: DescField, way?: Way): DescMessage {
  const byWay = ofFields.get(field) ?? new Map<Way | undefined, DescMessage>();
  ofFields.set(field, byWay);
  const known = byWay.get(way);
  if (known !== undefined) return known;
  const { parent } = field;
  const proto = { ...parent.proto };
  delete proto.options;
  const oneof = field.oneof && { ...field.oneof, proto: { ...field.oneof.proto } };
  delete oneof?.proto.options;
  const only = way === undefined ? field : inOneWay(field, new Chooser(way));
  const members = [oneof ?? only];
  const probe = { ...parent, proto, fields: [only], members, oneofs: oneof ? [oneof] : [], field: byName([only]) };
  byWay.set(way, probe);
  return probe;
}

/** How many ways there are for the rules of a field, up to twelve. */
export function waysOfField(field: DescField): number {
  const chooser = new Chooser(0);
  inOneWay(field, chooser);
  return Math.min(MOST_WAYS, chooser.ways);
}

/**
 * The message type with its own rules, in one way, and some of its fields.
 * @param names of the fields
 */
export function messageProbe(desc: DescMessage, names: ReadonlySet<string>, way: Way): DescMessage {
  const byKey = ofMessages.get(desc) ?? new Map<string, DescMessage>();
  ofMessages.set(desc, byKey);
  const key = [way, ...[...names].sort()].join();
  const known = byKey.get(key);
  if (known !== undefined) return known;
  const fields = desc.fields.filter(({ name }) => names.has(name));
  const options = desc.proto.options && clone(MessageOptionsSchema, desc.proto.options);
  if (options !== undefined) setExtension(options, messageOption, messageRules(desc, new Chooser(way)));
  const proto = options === undefined ? desc.proto : { ...desc.proto, options };
  const probe = { ...desc, proto, fields, members: fields, oneofs: [], field: byName(fields) };
  byKey.set(key, probe);
  return probe;
}

/** How many ways there are for the expressions of a message, up to twelve. */
export function waysOfMessage(desc: DescMessage): number {
  const chooser = new Chooser(0);
  messageRules(desc, chooser);
  return Math.min(MOST_WAYS, chooser.ways);
}

/** Chooses a way of each expression in turn: the digits of a number whose bases are the numbers of their ways. */
class Chooser {
  ways = 1;
  #rest: number;

  constructor(way: Way) {
    this.#rest = way;
  }

  choose(text: string): Parts {
    const ways = alternatives(text);
    const chosen = ways[this.#rest % ways.length] ?? [text];
    this.#rest = Math.floor(this.#rest / ways.length);
    this.ways *= ways.length;
    return chosen;
  }

  /** The ids of the parts are their texts, by which a search knows which one is false. */
  readonly rules = ({ expression }: Rule): Rule[] => {
    return this.choose(expression).map((part) => create(RuleSchema, { id: part, expression: part }));
  };
}

function byName(fields: readonly DescField[]): Record<string, DescField> {
  return Object.fromEntries(fields.map((field) => [field.localName, field]));
}

function inOneWay(field: DescField, chooser: Chooser): DescField {
  if (field.proto.options === undefined) return field;
  const options = clone(FieldOptionsSchema, field.proto.options);
  setExtension(options, fieldOption, fieldRules(getOption(field, fieldOption), chooser));
  return { ...field, proto: { ...field.proto, options } };
}

function fieldRules(whole: FieldRules, chooser: Chooser): FieldRules {
  const rules = clone(FieldRulesSchema, whole);
  rules.cel = rules.cel.flatMap(chooser.rules);
  rules.celExpression = rules.celExpression.flatMap((text) => chooser.choose(text));
  const { type } = rules;
  if (type.case === "repeated" && type.value.items) type.value.items = fieldRules(type.value.items, chooser);
  if (type.case === "map" && type.value.keys) type.value.keys = fieldRules(type.value.keys, chooser);
  if (type.case === "map" && type.value.values) type.value.values = fieldRules(type.value.values, chooser);
  return rules;
}

function messageRules(desc: DescMessage, chooser: Chooser): MessageRules {
  const rules = clone(MessageRulesSchema, getOption(desc, messageOption));
  rules.cel = rules.cel.flatMap(chooser.rules);
  rules.celExpression = rules.celExpression.flatMap((text) => chooser.choose(text));
  // These have their own way to be met.
  rules.oneof = [];
  return rules;
}
