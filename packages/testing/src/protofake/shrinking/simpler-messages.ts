// Simpler messages than a given one: with fewer fields, shorter lists, and smaller values.
import { clone, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { getField, setField } from "../field-values.ts";
import type { SingleValue, Value } from "../slot.ts";
import { isUnspecified } from "../values/enums.ts";
import { isLong, zeroOf } from "../values/zero.ts";

const GREATEST_FLOAT = Math.fround(3.4028234663852886e38);

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

/** Parts of a text by its code points, or of bytes: the empty one, the halves, and those without one end. */
function* shorterText(text: string | Uint8Array): Generator<string | Uint8Array> {
  const points = typeof text === "string" ? [...text] : undefined;
  const part = (from: number, to?: number) => points?.slice(from, to).join("") ?? text.slice(from, to);
  const { length } = points ?? text;
  const half = Math.floor(length / 2);
  if (length > 0) yield part(0, 0);
  if (half > 0) yield* [part(0, half), part(half)];
  if (length > 2) yield* [part(0, -1), part(1)];
}

/** Zero, the opposite of a negative number, and numbers on the way to it. Digits after the point go first. */
function* nearerToZero(type: ScalarType, value: number | bigint): Generator<number | bigint> {
  const zero = zeroOf(type) as number | bigint;
  if (value === zero) return;
  yield zero;
  if (value < zero) yield -value;
  if (isLong(type)) {
    const long = BigInt(value);
    // Each time half as far from zero as before: the least number that fails is found in few steps.
    for (let gap = long / 2n; gap !== 0n; gap /= 2n) yield long - gap;
    return;
  }
  const number = Number(value);
  if (Number.isNaN(number)) return;
  if (!Number.isFinite(number)) {
    yield Math.sign(number) * (type === ScalarType.FLOAT ? GREATEST_FLOAT : Number.MAX_VALUE);
    return;
  }
  const whole = Math.trunc(number);
  if (whole !== number) {
    if (whole !== 0) yield whole;
    return;
  }
  // Beyond 2 ** 53 a small gap is none.
  for (let gap = Math.trunc(number / 2); gap !== 0 && number - gap !== number; gap = Math.trunc(gap / 2)) {
    yield number - gap;
  }
}
