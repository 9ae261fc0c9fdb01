// Makes a message field by field, and then meets the rules of the message itself.
import { type DescField, type DescMessage, type DescOneof, getOption } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  field as fieldOption,
  type MessageRules,
  message as messageOption,
  oneof as oneofOption,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { messageExpressionsOf } from "../cel/expressions.ts";
import type { Context, Outside } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { setField } from "../field-values.ts";
import type { Given } from "../overrides.ts";
import type { Random } from "../random.ts";
import { blamedMessageRule } from "../rules/blamed-rule.ts";
import { isExcused } from "../rules/excused.ts";
import type { Complaint } from "../rules/judge.ts";
import { emptyMessage, fieldSlot, type Slot, type Value } from "../slot.ts";
import { setExtensions } from "./extensions.ts";
import { giveField } from "./given-values.ts";
import { type Chosen, chooseFields } from "./oneof-rules.ts";
import { searchMessage } from "./search.ts";
import { copiesOf, isTooDeep } from "./sizes.ts";

/** Rules can require a message in a message of the same type, without end. */
const DEEPEST = 30;
/** How often a message is made anew if its own rules are not met by changing it. */
const ATTEMPTS = 2;

/** Makes a valid message of a type that is made by its fields. @throws FakeError */
export function makeMessage(desc: DescMessage, outside: Outside, context: Context): ReflectMessage {
  const inside = { path: outside.path, around: [...outside.around, desc.typeName] };
  if (inside.around.length > context.options.maxDepth + DEEPEST) throw tooDeep(desc, inside);
  return new Making(desc, inside, (outside.overrides ?? {}) as Given, context).make();
}

class Making {
  #message: ReflectMessage;
  readonly #desc: DescMessage;
  readonly #inside: Pick<Slot, "path" | "around">;
  readonly #given: Given;
  readonly #context: Context;

  constructor(desc: DescMessage, inside: Pick<Slot, "path" | "around">, given: Given, context: Context) {
    this.#message = emptyMessage(desc);
    this.#desc = desc;
    this.#inside = inside;
    this.#given = given;
    this.#context = context;
  }

  make(): ReflectMessage {
    const { random } = this.#context;
    const rules = getOption(this.#desc, messageOption);
    if (rules.cel.length + rules.celExpression.length + rules.oneof.length === 0) {
      this.#setMembers(() => undefined);
      return this.#message;
    }
    for (let attempt = 0; ; attempt++) {
      let isMade = false;
      try {
        random.within(`attempt ${attempt}`, () => {
          const choose = () => chooseFields(this.#desc, rules, random, (field) => this.#isGiven(field));
          this.#setMembers(random.within("oneof rules", choose));
          isMade = true;
          this.#meetRules(rules);
        });
        return this.#message;
      } catch (error) {
        // A member that cannot be made cannot be made the next time, unless it need not be chosen. And messages in
        // messages that all tried again would try for ever.
        const helps = isMade || rules.oneof.length > 0;
        const isLast = attempt === ATTEMPTS || this.#context.searchTime.isOver;
        if (!(error instanceof FakeError) || !helps || isLast) throw error;
        this.#message = emptyMessage(this.#desc);
      }
    }
  }

  #setMembers(chosen: Chosen): void {
    const { random } = this.#context;
    for (const member of this.#desc.members) {
      random.within(member.name, () => {
        if (member.kind === "oneof") this.#setOneof(member, chosen);
        else this.#setMember(member, chosen);
      });
    }
    setExtensions(this.#message, this.#inside, this.#context);
  }

  /** Whether the caller gives the field, as set or as not set; undefined if it is to be faked. */
  #isGiven({ localName, oneof }: DescField): boolean | undefined {
    const name = oneof?.localName ?? localName;
    if (!Object.hasOwn(this.#given, name)) return undefined;
    const value = this.#given[name];
    return oneof === undefined ? value !== undefined : (value as { case?: string } | undefined)?.case === localName;
  }

  #setMember(field: DescField, chosen: Chosen): void {
    const given = this.#isGiven(field);
    if (given === true) giveField(this.#message, field, this.#given[field.localName], this.#inside, this.#context);
    if (given === undefined && chosen(field) !== false) this.#setField(field, chosen(field) === true);
  }

  /** One branch of the oneof: the first, in a random order, that gets a value. */
  #setOneof(oneof: DescOneof, chosen: Chosen): void {
    const given = this.#given[oneof.localName] as { case?: string; value?: unknown } | undefined;
    if (Object.hasOwn(this.#given, oneof.localName)) {
      const field = oneof.fields.find(({ localName }) => localName === given?.case);
      if (field !== undefined && given?.value === undefined) this.#setField(field, true);
      else if (field !== undefined) giveField(this.#message, field, given?.value, this.#inside, this.#context);
      return;
    }
    const { random } = this.#context;
    // A required field in a oneof makes it the only branch that is valid.
    const required = oneof.fields.filter((field) => getOption(field, fieldOption).required || chosen(field) === true);
    const possible = oneof.fields.filter((field) => chosen(field) !== false);
    const set = (field: DescField, isChosen: boolean) => {
      return random.within(field.name, () => this.#setField(field, isChosen));
    };
    for (const field of inOrder(required.length > 0 ? required : possible, random)) {
      try {
        if (set(field, required.length > 0)) return;
      } catch (error) {
        if (!(error instanceof FakeError) || required.length > 0) throw error;
      }
    }
    if (!getOption(oneof, oneofOption).required) return;
    // All were too deep, or none has a value.
    for (const field of inOrder(possible, random)) if (set(field, true)) return;
  }

  /** @returns whether the field is set now */
  #setField(field: DescField, isChosen: boolean): boolean {
    const { random, options } = this.#context;
    const rules = getOption(field, fieldOption);
    const slot = fieldSlot(field, rules, this.#inside);
    const hasPresence = field.presence !== FeatureSet_FieldPresence.IMPLICIT;
    const isRequired =
      field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED || (rules.required && slot.judged) || isChosen;
    if (!isRequired) {
      if (field.fieldKind === "message" && isTooDeep(slot, this.#context)) return false;
      // Messages within messages of their own type become fewer, so that trees end.
      const ratio = options.optional * 0.5 ** copiesOf(slot);
      if (hasPresence && field.oneof === undefined && !random.chance(ratio)) return false;
    }
    // A field without presence is set if it is not zero.
    const isSet = (value: Value) => {
      setField(this.#message, field, value);
      return this.#message.isSet(field);
    };
    try {
      setField(this.#message, field, this.#context.solve(slot, isChosen ? isSet : undefined));
      return true;
    } catch (error) {
      if (!(error instanceof FakeError)) throw error;
      if (isRequired) throw error.ruleId === "" && isChosen ? this.#unset(slot) : error;
      this.#message.clear(field);
      if (this.#context.judge.ofField(this.#message, field).length > 0) throw error;
      return false;
    }
  }

  /** The error of a field that a oneof needs, and whose only values are those of a field that is not set. */
  #unset({ field, path, around }: Slot): FakeError {
    const { oneof } = getOption(this.#desc, messageOption);
    const ruleId = oneof.some(({ fields }) => fields.includes(field.name)) ? "message.oneof" : "required";
    const complaint = "it has to be set, and there is no value other than zero";
    return new FakeError({ typeName: around[0] ?? "", field: path, ruleId, complaint });
  }

  /** @throws FakeError if a rule of the message is not met that reads nothing of what the caller gives */
  #meetRules(rules: MessageRules): void {
    const complaints = () => {
      return this.#context.judge.ofMessage(this.#message).filter(({ path: [first] }) => !this.#isExcused(first));
    };
    if (complaints().length === 0) return;
    const names = new Set(rules.oneof.flatMap(({ fields }) => fields));
    const isFree = (name: string) => {
      const field = this.#desc.fields.find((one) => one.name === name);
      return field !== undefined && this.#isGiven(field) === undefined && !names.has(name);
    };
    const expressions = messageExpressionsOf(rules);
    if (searchMessage(this.#message, expressions, this.#inside, this.#context, complaints, isFree)) return;
    const complaint = complaints().find((one) => !isExcused(one, this.#desc, this.#given));
    if (complaint === undefined) return;
    const { path, around } = this.#inside;
    const field = [path, complaint.field].filter((part) => part !== "").join(".");
    const text = this.#context.searchTime.explained(complaint.text);
    const ruleId = blamedMessageRule(complaint, this.#message, rules, this.#context.judge);
    throw new FakeError({ typeName: around[0] ?? "", field, ruleId, complaint: text });
  }

  /** What the caller gives is taken as it is. */
  #isExcused(first: Complaint["path"][number] | undefined): boolean {
    if (first?.kind === "oneof") return Object.hasOwn(this.#given, first.localName);
    return first?.kind === "field" && this.#isGiven(first) !== undefined;
  }
}

/** A random order in which a further branch changes nothing between the others. */
function inOrder(fields: readonly DescField[], random: Random): DescField[] {
  const ranked = fields.map((field) => ({ field, rank: random.within(`rank ${field.name}`, () => random.next()) }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ field }) => field);
}

function tooDeep({ typeName }: DescMessage, { path, around }: Pick<Slot, "path" | "around">): FakeError {
  const complaint = `a ${typeName} requires another one within it, without end`;
  // The path to the second one, which says as much as that to the last one.
  const second = around.indexOf(typeName, around.indexOf(typeName) + 1);
  const field = path.split(".").slice(0, second).join(".");
  return new FakeError({ typeName: around[0] ?? "", field, ruleId: "required", complaint });
}
