// Overrides: what the caller gives, in the form that `create` of @bufbuild/protobuf takes.
import type { DescField, DescMessage, DescOneof, MessageInitShape } from "@bufbuild/protobuf";

/**
 * Fields by their names in TypeScript. Nested objects are parts of nested messages: what they leave out is faked. A
 * message, made by `create`, is taken whole.
 */
export type Overrides<Desc extends DescMessage> = MessageInitShape<Desc>;

/** The overrides of one message: values by the names of fields and oneofs. */
export type Given = Readonly<Record<string, unknown>>;

/**
 * Checks that every field that is given exists, at all depths.
 * @throws TypeError that says which one does not, and what there is
 */
export function checkOverrides(desc: DescMessage, given: unknown, path = "overrides"): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${path} must be an object with fields of ${desc.typeName}, not ${describe(given)}`);
  }
  if (isMessage(given) || isMadeWhole(desc)) return;
  for (const [name, value] of Object.entries(given)) {
    const member = desc.members.find(({ localName }) => localName === name);
    if (member === undefined) throw missing(desc, name, path);
    if (value !== undefined) checkMember(member, value, `${path}.${name}`);
  }
}

/** The override of a nested message, or undefined if the value is a whole message. */
export function partsOf(desc: DescMessage, value: unknown): Given | undefined {
  return isMessage(value) || isMadeWhole(desc) ? undefined : (value as Given);
}

/** Whether the value is one that `create` made, and not parts of one. */
function isMessage(value: unknown): boolean {
  return typeof value === "object" && value !== null && "$typeName" in value;
}

/** Their parts do not stand for themselves, and fields of them can be plain values. */
function isMadeWhole({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.");
}

function checkMember(member: DescField | DescOneof, value: unknown, path: string): void {
  if (member.kind === "oneof") {
    checkOneof(member, value, path);
    return;
  }
  const desc = member.message;
  switch (member.fieldKind) {
    case "message":
      if (!isMadeWhole(member.message)) checkOverrides(member.message, value, path);
      break;
    case "list":
      if (!Array.isArray(value)) throw new TypeError(`${path} must be an array, not ${describe(value)}`);
      for (const [index, item] of value.entries()) {
        if (desc !== undefined && !isMadeWhole(desc)) checkOverrides(desc, item, `${path}[${index}]`);
      }
      break;
    case "map":
      if (typeof value !== "object" || value === null) {
        throw new TypeError(`${path} must be an object, not ${describe(value)}`);
      }
      for (const [key, item] of Object.entries(value)) {
        if (desc !== undefined && !isMadeWhole(desc)) checkOverrides(desc, item, `${path}[${JSON.stringify(key)}]`);
      }
      break;
    default:
  }
}

function checkOneof(oneof: DescOneof, given: unknown, path: string): void {
  const cases = oneof.fields.map(({ localName }) => localName);
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`${path} is a oneof: give { case, value }, with a case of ${cases.join(", ")}`);
  }
  const { case: name, value } = given as { case?: string; value?: unknown };
  if (name === undefined) return;
  const field = oneof.fields.find(({ localName }) => localName === name);
  if (field === undefined) throw new TypeError(`${path} has no case ${describe(name)}: it has ${cases.join(", ")}`);
  if (value !== undefined) checkMember(field, value, `${path}.value`);
}

function missing(desc: DescMessage, name: string, path: string): TypeError {
  const oneof = desc.fields.find(({ localName }) => localName === name)?.oneof;
  const place = path === "overrides" ? "" : ` at ${path}`;
  if (oneof !== undefined) {
    const right = `{ ${oneof.localName}: { case: "${name}", value } }`;
    return new TypeError(`${name} of ${desc.typeName}${place} is in the oneof ${oneof.name}: give ${right}`);
  }
  const names = desc.members.map(({ localName }) => localName);
  const there = names.length === 0 ? "no fields" : names.join(", ");
  return new TypeError(`${desc.typeName} has no field ${JSON.stringify(name)}${place}: it has ${there}`);
}

function describe(value: unknown): string {
  if (value === null || typeof value !== "object")
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
