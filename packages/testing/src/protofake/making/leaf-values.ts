// Values to try in a leaf: by the literals of the expressions, and by the values of the other leaves.
import { clone, create, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { scalarOf } from "../candidates.ts";
import { hintedValues } from "../cel/hinted-values.ts";
import type { Hints } from "../cel/hints.ts";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { innerSlot, messageOf, type SingleValue, type Slot, type Value } from "../slot.ts";
import { durationOf, SECOND, type SecondsAndNanos, timestampOf, toNanoseconds } from "../values/nanoseconds.ts";
import { isLong } from "../values/zero.ts";
import type { Leaf } from "./leaves.ts";
import { lists } from "./lists.ts";
import { maps } from "./maps.ts";

const MOST = 120;
const RANDOM_PER_SIZE = 12;
/** These take longer to make, and what is in them has leaves of its own. */
const MOST_MESSAGES = 5;

/** Up to 120 values, and undefined for none. */
export function valuesForLeaf(
  leaf: Leaf,
  others: readonly Leaf[],
  hints: Hints,
  context: Context,
): (Value | undefined)[] {
  const { slot } = leaf;
  const { fieldKind } = slot.field;
  const values: (Value | undefined)[] = slot.part === "field" ? [undefined] : [];
  try {
    if (slot.part === "field" && (fieldKind === "list" || fieldKind === "map")) {
      values.push(...wholeValues(slot, hints, context));
    } else {
      values.push(...fromOthers(slot, others, hints));
      const desc = messageOf(slot);
      const isMadeWhole = desc === undefined || desc.typeName.startsWith("google.protobuf.");
      const most = isMadeWhole ? MOST : values.length + MOST_MESSAGES;
      for (const value of hintedValues(slot, hints, context)) {
        if (values.length >= most) break;
        values.push(value);
      }
    }
  } catch (error) {
    // Nothing more can be made for this leaf.
    if (!(error instanceof FakeError)) throw error;
  }
  return values;
}

/** Lists and maps of several sizes, with likely items and with those of the literals. */
function wholeValues(slot: Slot, hints: Hints, context: Context): Value[] {
  const { random } = context;
  const isMap = slot.field.fieldKind === "map";
  const values: Value[] = [];
  for (const value of isMap ? maps(slot, context) : lists(slot, context)) {
    values.push(value);
    if (values.length >= 5) break;
  }
  const items = first(hintedValues(innerSlot(slot, isMap ? "value" : "item"), hints, context), 30);
  const keys = isMap ? first(hintedValues(innerSlot(slot, "key"), hints, context), 30) : [];
  const sizes = [1, 2, 3, ...[...hints.numbers].map(Number).flatMap((number) => [number, number + 1, number - 1])];
  for (const size of new Set(sizes.filter((number) => number >= 0 && number <= 100))) {
    for (let count = 0; count < RANDOM_PER_SIZE; count++) {
      const chosen = Array.from({ length: size }, () => random.pick(items));
      const chosenKeys = random.shuffle(keys);
      values.push(isMap ? new Map(chosen.map((item, index) => [chosenKeys[index] ?? index, item])) : chosen);
    }
  }
  // The same item everywhere, since one that is right is right everywhere in most expressions.
  for (const item of items) {
    for (const size of [1, 2, 3]) {
      const shuffled = random.shuffle(keys);
      const same = Array.from({ length: size }, () => item);
      values.push(isMap ? new Map(same.map((value, index) => [shuffled[index] ?? index, value])) : same);
    }
  }
  return [isMap ? new Map() : [], ...values];
}

/** The values of the other leaves, those around them, and sums and differences with the literals. */
function* fromOthers(slot: Slot, others: readonly Leaf[], hints: Hints): Generator<SingleValue> {
  const desc = messageOf(slot);
  for (const other of others) {
    const value = other.get();
    if (desc !== undefined) {
      if (!isReflectMessage(value) || value.desc.typeName !== desc.typeName) continue;
      // A copy, since a leaf within one of them is not to change the other.
      yield reflect(desc, clone(value.desc, value.message));
      for (const near of timesAround(value.desc.typeName, value.message as never))
        yield reflect(desc, create(desc, { ...near }));
      continue;
    }
    if (slot.field.enum !== undefined && slot.part !== "key") {
      if (typeof value === "number") yield value;
      continue;
    }
    const type = scalarOf(slot);
    const isText = type === ScalarType.STRING || type === ScalarType.BYTES || type === ScalarType.BOOL;
    if (isText) {
      if (typeof value === "string" || typeof value === "boolean" || value instanceof Uint8Array) yield value;
      continue;
    }
    const size = sizeOf(value);
    if (size === undefined) continue;
    for (const by of [0, 1, -1, ...[...hints.numbers].map(Number)]) {
      for (const number of [size + by, size - by, by - size, size * by]) yield inType(type, number);
    }
  }
}

/** Numbers are their own size; texts, lists and maps are as long as they are. */
function sizeOf(value: Value | undefined): number | undefined {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : undefined;
}

function inType(type: ScalarType, number: number): SingleValue {
  if (type === ScalarType.DOUBLE || type === ScalarType.FLOAT) return number;
  const whole = Math.trunc(number);

  return isLong(type) ? BigInt(whole) : whole;
}

function timesAround(typeName: string, value: SecondsAndNanos): SecondsAndNanos[] {
  const make = { "google.protobuf.Duration": durationOf, "google.protobuf.Timestamp": timestampOf }[typeName];
  if (make === undefined) return [];
  const hour = 3600n * SECOND;
  return [SECOND, -SECOND, hour, -hour, hour * 24n, -hour * 24n].map((by) => make(toNanoseconds(value) + by));
}

function first<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
