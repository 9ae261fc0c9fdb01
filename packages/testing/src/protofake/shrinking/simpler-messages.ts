// Simpler messages than a given one: with fewer fields, shorter lists, and smaller values.
import { clone, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { getField, setField } from "../field-values.ts";
import type { SingleValue, Value } from "../slot.ts";
import { isUnspecified } from "../values/enums.ts";
import { isLong, zeroOf } from "../values/zero.ts";

/**
 * Messages that differ from the given one at one place, those that are much simpler first. Some may break rules.
 * @param isKept whether a field of this message is left as it is
 */
export function* simplerMessages(
  desc: DescMessage,
  message: Message,
  isKept: (field: DescField) => boolean = () => false,
): Generator<Message> {
  const whole = reflect(desc, message);
  const set = desc.fields.filter((field) => whole.isSet(field) && !isKept(field));
  for (const field of set.filter(canBeUnset)) yield changed(desc, message, (copy) => copy.clear(field));
  for (const field of set) {
    for (const value of simplerValues(field, getField(whole, field))) {
      yield changed(desc, message, (copy) => setField(copy, field, value));
    }
  }
}

/** Not a required field of proto2, and not an enum without presence, which would be unspecified. */
function canBeUnset(field: DescField): boolean {
  if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return false;
  const isImplicit = field.presence === FeatureSet_FieldPresence.IMPLICIT;
  return field.fieldKind !== "enum" || !isImplicit || !isUnspecified(field.enum, 0);
}

function changed(desc: DescMessage, message: Message, change: (copy: ReflectMessage) => void): Message {
  const copy = reflect(desc, clone(desc, message));
  change(copy);
  return copy.message;
}

function* simplerValues(field: DescField, value: Value): Generator<Value> {
  switch (field.fieldKind) {
    case "list": {
      const list = value as readonly SingleValue[];
      for (const part of shorter(list)) yield part;
      for (const [index, item] of list.entries()) {
        for (const simpler of simplerSingle(field, item)) yield replaced(list, index, simpler);
      }
      break;
    }
    case "map": {
      const entries = [...(value as ReadonlyMap<SingleValue, SingleValue>)];
      for (const part of shorter(entries)) yield new Map(part);
      for (const [index, [key, item]] of entries.entries()) {
        for (const simpler of simplerSingle(field, item)) yield new Map(replaced(entries, index, [key, simpler]));
      }
      break;
    }
    default:
      yield* simplerSingle(field, value as SingleValue);
  }
}

function replaced<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  return list.map((other, position) => (position === index ? item : other));
}

/** The halves, and the list without one item. */
function* shorter<Item>(list: readonly Item[]): Generator<readonly Item[]> {
  const half = Math.floor(list.length / 2);
  if (half > 0) yield* [list.slice(0, half), list.slice(half)];
  for (const index of list.keys()) yield list.filter((_, other) => other !== index);
}

function* simplerSingle(field: DescField, value: SingleValue): Generator<SingleValue> {
  if (isReflectMessage(value)) {
    for (const simpler of simplerMessages(value.desc, value.message)) yield reflect(value.desc, simpler);
  } else if (field.enum !== undefined) {
    // Values are as simple as their place in the enum.
    const { values } = field.enum;
    for (const { number } of values.slice(
      0,
      Math.max(
        0,
        values.findIndex((one) => one.number === value),
      ),
    )) {
      if (!isUnspecified(field.enum, number)) yield number;
    }
  } else if (typeof value === "string" || value instanceof Uint8Array) {
    yield* shorterText(value);
  } else if (typeof value === "boolean") {
    if (value) yield false;
  } else {
    yield* nearerToZero(field.scalar ?? ScalarType.INT32, value);
  }
}

function* shorterText(text: string | Uint8Array): Generator<string | Uint8Array> {
  if (text.length === 0) return;
  const half = Math.floor(text.length / 2);
  yield* [text.slice(0, 0), text.slice(0, half), text.slice(half), text.slice(0, -1), text.slice(1)];
}

/** Zero, the half, and the next number. Numbers with digits after the point lose them first. */
function* nearerToZero(type: ScalarType, value: number | bigint): Generator<number | bigint> {
  const zero = zeroOf(type) as number | bigint;
  if (value === zero) return;
  yield zero;
  if (isLong(type)) {
    const long = BigInt(value);
    yield* [-long, long / 2n, long - (long > 0n ? 1n : -1n)].filter((other) => isNearer(other, long));
    return;
  }
  const number = Number(value);
  if (!Number.isInteger(number)) yield Math.trunc(number);
  else yield* [-number, Math.trunc(number / 2), number - Math.sign(number)].filter((other) => isNearer(other, number));
}

/** Of a number and its opposite the positive one is simpler. */
function isNearer<Size extends number | bigint>(other: Size, value: Size): boolean {
  const [one, two] = [other < 0 ? -other : other, value < 0 ? -value : value];
  return one < two || (one === two && other > value);
}
