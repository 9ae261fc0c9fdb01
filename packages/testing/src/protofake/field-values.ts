// Puts values into messages.
import type { DescField } from "@bufbuild/protobuf";
import { type ReflectMessage, reflectList, reflectMap } from "@bufbuild/protobuf/reflect";
import type { SingleValue, Value } from "./slot.ts";

/**
 * Sets a field to a whole value.
 * @throws Error of @bufbuild/protobuf if the value has another type than the field
 */
export function setField(message: ReflectMessage, field: DescField, value: Value): void {
  switch (field.fieldKind) {
    case "list": {
      const list = reflectList<SingleValue>(field);
      for (const item of value as readonly SingleValue[]) list.add(item);
      message.set(field, list);
      break;
    }
    case "map": {
      const map = reflectMap<SingleValue, SingleValue>(field);
      for (const [key, item] of value as ReadonlyMap<SingleValue, SingleValue>) map.set(key, item);
      message.set(field, map);
      break;
    }
    default:
      message.set(field, value);
  }
}

/** The whole value of a field, to be kept and set again. */
export function getField(message: ReflectMessage, field: DescField): Value {
  const value: unknown = message.get(field);
  if (field.fieldKind === "list") return [...(value as Iterable<SingleValue>)];
  if (field.fieldKind === "map") return new Map(value as Iterable<[SingleValue, SingleValue]>);
  return value as SingleValue;
}
