// The values within a message that an expression reads, each of which can be replaced.
import { type DescField, getOption } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectList, type ReflectMap, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { field as fieldOption } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { ValuePath } from "../cel/paths.ts";
import { getField, setField } from "../field-values.ts";
import { fieldSlot, innerSlot, type SingleValue, type Slot, type Value } from "../slot.ts";

/** A value that can be replaced. */
export interface Leaf {
  readonly slot: Slot;
  /** Whether it is a list or a map, and not what is in it. */
  readonly isWhole: boolean;
  /** undefined if the field is not set. */
  get(): Value | undefined;
  /** @param value undefined to unset it, where there is such a thing */
  set(value: Value | undefined): void;
}

type Outside = Pick<Slot, "path" | "around">;

/** The leaves at a path within a message: more than one where it goes through lists and maps. */
export function leavesAt(message: ReflectMessage, path: ValuePath, outside: Outside): Leaf[] {
  const [name, ...rest] = path;
  const field = message.desc.fields.find((one) => one.name === name);
  if (field === undefined) return [];
  const slot = fieldSlot(field, getOption(field, fieldOption), outside);
  const whole = leafOfField(message, field, slot);
  if (rest.length === 0 || !message.isSet(field)) return [whole];
  const inside = leavesIn(message.get(field), field, rest, slot);
  // A list may have to be longer for what is read of it.
  return whole.isWhole || inside.length === 0 ? [...inside, whole] : inside;
}

function leavesIn(value: unknown, field: DescField, path: ValuePath, slot: Slot): Leaf[] {
  const around = (desc: { typeName: string }) => ({ path: slot.path, around: [...slot.around, desc.typeName] });
  if (field.fieldKind === "message" && isReflectMessage(value) && isByFields(value)) {
    return leavesAt(value, path, around(value.desc));
  }
  const [place, ...rest] = path;
  if (place === undefined || (field.fieldKind !== "list" && field.fieldKind !== "map")) return [];
  const inner = innerSlot(slot, field.fieldKind === "list" ? "item" : "value");
  const items = value as ReflectList<SingleValue> | ReflectMap<SingleValue, SingleValue>;
  return [...items.entries()].flatMap(([key, item]) => {
    if (place !== "*" && field.fieldKind === "list" && place !== String(key)) return [];
    if (rest.length > 0 && isReflectMessage(item) && isByFields(item)) return leavesAt(item, rest, around(item.desc));
    return [leafOfItem(items, key, inner)];
  });
}

/** Those of google.protobuf are made and replaced whole. */
function isByFields({ desc }: ReflectMessage): boolean {
  return !desc.typeName.startsWith("google.protobuf.");
}

function leafOfField(message: ReflectMessage, field: DescField, slot: Slot): Leaf {
  return {
    slot,
    isWhole: field.fieldKind === "list" || field.fieldKind === "map",
    get: () => (message.isSet(field) ? getField(message, field) : undefined),
    set: (value) => {
      if (value === undefined) message.clear(field);
      else setField(message, field, value);
    },
  };
}

function leafOfItem(
  items: ReflectList<SingleValue> | ReflectMap<SingleValue, SingleValue>,
  key: SingleValue,
  slot: Slot,
): Leaf {
  return {
    slot,
    isWhole: false,
    get: () => items.get(key as number),
    set: (value) => {
      // An item has no state without a value.
      if (value !== undefined) items.set(key as number, value as SingleValue);
    },
  };
}
