// A place that gets a value: a field, an item of a list, a key or a value of a map.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type FieldRules, Ignore } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

/** A value as the reflection of @bufbuild/protobuf takes it; lists and maps are arrays and Maps here. */
export type Value = SingleValue | readonly SingleValue[] | ReadonlyMap<SingleValue, SingleValue>;
export type SingleValue = string | number | bigint | boolean | Uint8Array | ReflectMessage;

export interface Slot {
  /** For an extension, the field of the container that @bufbuild/protobuf makes for it. */
  readonly field: DescField;
  readonly part: "field" | "item" | "key" | "value";
  /** The rules of this part. */
  readonly rules: FieldRules | undefined;
  /** From the root message: `address.lines[]`. */
  readonly path: string;
  /** The type names of the messages around it, the root first. */
  readonly around: readonly string[];
  /** False where the validator does not look, and where the caller gives the value. */
  readonly judged: boolean;
}

/** The slot of a field, with its rules. */
export function fieldSlot(field: DescField, rules: FieldRules, outside: Pick<Slot, "path" | "around">): Slot {
  return {
    field,
    part: "field",
    rules,
    path: outside.path === "" ? field.name : `${outside.path}.${field.name}`,
    around: outside.around,
    judged: rules.ignore !== Ignore.ALWAYS && hasRules(rules),
  };
}

/** The slot of what is in a list or a map. */
export function innerSlot(slot: Slot, part: "item" | "key" | "value"): Slot {
  const rules = innerRules(slot.rules, part);
  const judged = slot.judged && rules !== undefined && rules.ignore !== Ignore.ALWAYS && hasRules(rules);
  return { ...slot, part, rules, judged, path: `${slot.path}[]` };
}

/** The message type of the slot's value, if it is a message. */
export function messageOf({ field, part }: Slot): DescMessage | undefined {
  switch (part) {
    case "field":
      return field.fieldKind === "message" ? field.message : undefined;
    case "key":
      return undefined;
    default:
      return field.fieldKind === "list" || field.fieldKind === "map" ? field.message : undefined;
  }
}

/** A new message of the type, to be filled. */
export function emptyMessage(desc: DescMessage): ReflectMessage {
  return reflect(desc);
}

function innerRules(rules: FieldRules | undefined, part: "item" | "key" | "value"): FieldRules | undefined {
  const type = rules?.type;
  if (type?.case === "repeated" && part === "item") return type.value.items;
  if (type?.case === "map" && part !== "item") return part === "key" ? type.value.keys : type.value.values;
  return undefined;
}

function hasRules({ type, cel, celExpression, required }: FieldRules): boolean {
  return type.case !== undefined || cel.length > 0 || celExpression.length > 0 || required;
}
