// A message with a value in one slot, and nothing else.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { getField, setField } from "./field-values.ts";
import type { SingleValue, Slot, Value } from "./slot.ts";
import { zeroOf } from "./values/zero.ts";

/**
 * A message with the value in the slot. In a map, the other part of the entry is zero.
 * @param desc the type of the message; by default the one that has the field
 */
export function contain(slot: Slot, value: Value, desc: DescMessage = slot.field.parent): ReflectMessage {
  const { field, part } = slot;
  const message = reflect(desc);
  if (part === "field") setField(message, field, value);
  else if (part === "item") setField(message, field, [value as SingleValue]);
  else if (part === "key") setField(message, field, new Map([[value as SingleValue, zeroValue(field)]]));
  else setField(message, field, new Map([[zeroKey(field), value as SingleValue]]));
  return message;
}

/** The value that is in the slot of such a message. */
export function contained(message: ReflectMessage, { field, part }: Slot): Value {
  const value = getField(message, field);
  if (part === "field") return value;
  const whole = value as readonly SingleValue[] | ReadonlyMap<SingleValue, SingleValue>;
  const [first] = part === "key" ? whole.keys() : whole.values();
  return first as SingleValue;
}

function zeroKey(field: DescField): SingleValue {
  return field.fieldKind === "map" ? zeroOf(field.mapKey) : "";
}

function zeroValue(field: DescField): SingleValue {
  if (field.fieldKind !== "map") return "";
  switch (field.mapKind) {
    case "message":
      return reflect(field.message);
    case "enum":
      return field.enum.values[0]?.number ?? 0;
    default:
      return zeroOf(field.scalar);
  }
}
