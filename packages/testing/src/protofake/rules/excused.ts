// Which complaints are about what the caller gives, who may break rules for a test.
import { type DescField, type DescMessage, type DescOneof, getOption } from "@bufbuild/protobuf";
import {
  type FieldRules,
  field as fieldOption,
  message as messageOption,
  type Rule,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { parseRule } from "../cel/expressions.ts";
import { pathsOf, type ValuePath } from "../cel/paths.ts";
import { type Given, partsOf } from "../overrides.ts";
import type { Complaint } from "./judge.ts";

/** Whether the rule that is broken is about a given field, or reads one, one around it or one within it. */
export function isExcused(complaint: Complaint, desc: DescMessage, overrides: Given | undefined): boolean {
  let value: unknown = overrides ?? {};
  let inside: DescMessage | undefined = desc;
  let last: DescField | undefined;
  for (const element of complaint.path) {
    const parts: Given | undefined = inside === undefined ? undefined : partsOf(inside, value);
    switch (element.kind) {
      case "field": {
        if (parts === undefined) return true;
        if (!isGiven(element, parts)) return false;
        [last, value] = [element, givenValueOf(element, parts)];
        inside = element.fieldKind === "message" ? element.message : undefined;
        break;
      }
      case "oneof":
        return parts === undefined || Object.hasOwn(parts, element.localName);
      case "list_sub":
      case "map_sub": {
        value = (value as Given)[String(element.kind === "list_sub" ? element.index : element.key)];
        inside = last?.message;
        break;
      }
      default:
        return false;
    }
    if (value === undefined) return true;
  }
  const parts = inside === undefined ? undefined : partsOf(inside, value);
  return inside === undefined || parts === undefined || readsGiven(complaint, last, inside, parts);
}

/** The same for a rule of the message, or of the field that has the message. */
function readsGiven({ ruleId, isError }: Complaint, field: DescField | undefined, desc: DescMessage, given: Given) {
  const isAnyGiven = Object.keys(given).length > 0;
  const { cel, celExpression, oneof } = getOption(desc, messageOption);
  if (ruleId === "message.oneof") {
    const names = new Set(oneof.flatMap(({ fields }) => fields));
    return desc.fields.some((one) => names.has(one.name) && isGiven(one, given));
  }
  const rules = [...cel, ...(field === undefined ? [] : celOf(getOption(field, fieldOption)))];
  const texts = [...celExpression, ...(field === undefined ? [] : textsOf(getOption(field, fieldOption)))];
  const expressions = [...rules.map(({ expression, id }) => ({ id, expression })), ...texts.map(ofText)];
  const broken = expressions.filter(({ id }) => id === ruleId || (isError && ruleId === ""));
  if (broken.length === 0) return isAnyGiven;
  return broken.some(({ expression }) => {
    const paths = parseRule(expression).flatMap((rule) => pathsOf(rule.expression));
    return paths.length === 0 ? isAnyGiven : paths.some((path) => meets(path, desc, given));
  });
}

function ofText(expression: string) {
  return { id: expression, expression };
}

function celOf({ cel, type }: FieldRules): Rule[] {
  const inner = type.case === "repeated" ? type.value.items : type.case === "map" ? type.value.values : undefined;
  return [...cel, ...(inner?.cel ?? [])];
}

function textsOf({ celExpression, type }: FieldRules): string[] {
  const inner = type.case === "repeated" ? type.value.items : type.case === "map" ? type.value.values : undefined;
  return [...celExpression, ...(inner?.celExpression ?? [])];
}

/** Whether what is at the path, around it or within it is given. */
function meets([name, ...rest]: ValuePath, desc: DescMessage, given: Given): boolean {
  if (name === undefined) return Object.keys(given).length > 0;
  const field = desc.fields.find((one) => one.name === name);
  if (field === undefined || !isGiven(field, given)) return false;
  const value = givenValueOf(field, given);
  const parts = field.fieldKind === "message" && value !== undefined ? partsOf(field.message, value) : undefined;
  return parts === undefined || field.message === undefined || meets(rest, field.message, parts);
}

/** Whether the caller says something about the field: also that it is not set, by another case of its oneof. */
function isGiven(field: DescField, given: Given): boolean {
  return Object.hasOwn(given, memberOf(field).localName);
}

function givenValueOf(field: DescField, given: Given): unknown {
  const value = given[memberOf(field).localName];
  if (field.oneof === undefined) return value;
  const chosen = value as { case?: string; value?: unknown } | undefined;
  return chosen?.case === field.localName ? chosen.value : undefined;
}

function memberOf(field: DescField): DescField | DescOneof {
  return field.oneof ?? field;
}
