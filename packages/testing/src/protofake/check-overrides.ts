// Checks what the caller gives: names, and the kinds of values. Scalars are checked when they are put into a message.
import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { isFieldError, reflect } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { nearestName } from "@connectum/hooks";
import { isMadeWhole, isMessage } from "./overrides.ts";
import { isLong } from "./values/zero.ts";

/** Functions of @bufbuild/protobuf/wkt for values that are often given as something else. */
const FUNCTIONS_OF_TIMES: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": "timestampFromDate(date)",
  "google.protobuf.Duration": "durationFromMs(milliseconds)",
};

/**
 * Checks that every field that is given exists, and that its value can be one of it, at all depths.
 * @throws TypeError that says which one is wrong, where, and what would be right
 */
export function checkOverrides(desc: DescMessage, given: unknown, path = "overrides"): void {
  if (typeof given !== "object" || given === null || Array.isArray(given) || given instanceof Date) {
    const make = FUNCTIONS_OF_TIMES[desc.typeName];
    const hint = make === undefined ? "" : `: ${make} of @bufbuild/protobuf/wkt makes one`;
    throw new TypeError(`${path} must be an object with fields of ${desc.typeName}, not ${describe(given)}${hint}`);
  }
  if (isMessage(given)) {
    if (given.$typeName === desc.typeName) return;
    throw new TypeError(`${path} must be a ${desc.typeName}, not a message of the type ${String(given.$typeName)}`);
  }
  for (const [name, value] of Object.entries(given)) {
    const member = desc.members.find(({ localName }) => localName === name);
    if (member === undefined) throw missing(desc, name, path);
    if (value !== undefined) checkMember(member, value, `${path}.${name}`);
  }
}

function checkMember(member: DescField | DescOneof, value: unknown, path: string): void {
  if (member.kind === "oneof") checkOneof(member, value, path);
  else checkField(member, value, path);
}

function checkField(field: DescField, value: unknown, path: string): void {
  if (value === null) throw new TypeError(`${path} must not be null: undefined leaves a field unset`);
  switch (field.fieldKind) {
    case "message":
      checkMessage(field, field.message, value, path);
      break;
    case "list":
      if (!Array.isArray(value)) throw new TypeError(`${path} must be an array, not ${describe(value)}`);
      for (const [index, item] of value.entries()) checkItem(field, item, `${path}[${index}]`);
      break;
    case "map":
      if (typeof value !== "object" || Array.isArray(value) || value instanceof Map) {
        throw new TypeError(`${path} must be an object, not ${describe(value)}`);
      }
      for (const [key, item] of Object.entries(value)) checkItem(field, item, `${path}[${JSON.stringify(key)}]`);
      break;
    default:
      if (isMadeWhole(field.parent)) checkPart(field, value, path);
  }
}

function checkItem(field: DescField, item: unknown, path: string): void {
  if (field.message !== undefined) checkMessage(field, field.message, item, path);
  else if (item === undefined || item === null) throw new TypeError(`${path} must not be ${String(item)}`);
}

function checkMessage(field: DescField, desc: DescMessage, value: unknown, path: string): void {
  if (desc.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
    // In messages it is an object of JSON.
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !isMessage(value);
    if (!isObject) throw new TypeError(`${path} must be an object of JSON, not ${describe(value)}`);
  } else if (isWrapperDesc(desc) && field.fieldKind === "message" && field.oneof === undefined) {
    // In messages it is the value without the wrapper.
    checkPart(desc.fields[0] as DescField, value, path);
  } else {
    checkOverrides(desc, value, path);
  }
}

/** A scalar of a message that is made whole: nobody looks at it later. */
function checkPart(field: DescField, value: unknown, path: string): void {
  if (field.fieldKind === "scalar" && isLong(field.scalar) && typeof value !== "bigint") {
    throw new TypeError(`${path} must be a bigint, not ${describe(value)}`);
  }
  try {
    reflect(field.parent).set(field, value);
  } catch (error) {
    if (!isFieldError(error)) throw error;
    throw new TypeError(`${path} does not fit: ${error.message}`, { cause: error });
  }
}

function checkOneof(oneof: DescOneof, given: unknown, path: string): void {
  const cases = oneof.fields.map(({ localName }) => localName);
  const right = `give { case, value }, with a case of ${cases.join(", ")}`;
  if (typeof given !== "object" || given === null) throw new TypeError(`${path} is a oneof: ${right}`);
  const other = Object.keys(given).find((key) => key !== "case" && key !== "value");
  if (other !== undefined) throw new TypeError(`${path} is a oneof, and has no ${JSON.stringify(other)}: ${right}`);
  const { case: name, value } = given as { case?: unknown; value?: unknown };
  if (name === undefined) {
    if (value !== undefined) throw new TypeError(`${path} is a oneof, and its value has no case: ${right}`);
    return;
  }
  const field = oneof.fields.find(({ localName }) => localName === name);
  if (field === undefined) throw new TypeError(`${path} has no case ${describe(name)}: it has ${cases.join(", ")}`);
  if (value !== undefined) checkField(field, value, `${path}.value`);
}

function missing(desc: DescMessage, name: string, path: string): TypeError {
  const oneof = desc.fields.find(({ localName }) => localName === name)?.oneof;
  const place = path === "overrides" ? "" : ` at ${path}`;
  if (oneof !== undefined) {
    const right = `{ ${oneof.localName}: { case: "${name}", value } }`;
    return new TypeError(`${name} of ${desc.typeName}${place} is in the oneof ${oneof.name}: give ${right}`);
  }
  const names = desc.members.map(({ localName }) => localName);
  const nearest = desc.members.find((member) => member.name === name)?.localName ?? nearestName(name, names);
  const there = names.length === 0 ? "no fields" : names.join(", ");
  const right = nearest === undefined ? `it has ${there}` : `did you mean ${JSON.stringify(nearest)}?`;
  return new TypeError(`${desc.typeName} has no field ${JSON.stringify(name)}${place}: ${right}`);
}

function describe(value: unknown): string {
  if (value === null || typeof value !== "object")
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (value instanceof Date) return "a Date";
  if (value instanceof Map) return "a Map";
  return Array.isArray(value) ? "an array" : "an object";
}
