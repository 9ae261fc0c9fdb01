// Values to try in a leaf: by the literals of the expressions, and by the values of the other leaves.

import { hintedValues } from "../cel/hinted-values.ts";
import type { Hints } from "../cel/hints.ts";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { innerSlot, messageOf, type SingleValue, type Slot, type Value } from "../slot.ts";
import type { Leaf } from "./leaves.ts";
import { lists } from "./lists.ts";
import { maps } from "./maps.ts";
import { valuesOfOthers } from "./values-of-others.ts";

const MOST = 120;
/** Messages take longer to make, and what is in them has leaves of its own. */
const MOST_MESSAGES = 8;
/** How many lists and maps of each size, of how many items and keys. */
const RANDOM_PER_SIZE = 12;
const ITEMS = 30;
const LONGEST = 100;

/** Up to some hundred different values, and undefined for none. */
export function valuesForLeaf(
  leaf: Leaf,
  others: readonly Leaf[],
  hints: Hints,
  context: Context,
): Iterable<Value | undefined> {
  // As they are now, and not when one of the values was put into the leaf.
  const values = others.map((other) => other.get());
  return valuesFrom(leaf, leaf.get(), values, hints, context);
}

function* valuesFrom(
  { slot, isWhole }: Leaf,
  now: Value | undefined,
  others: readonly (Value | undefined)[],
  hints: Hints,
  context: Context,
): Generator<Value | undefined> {
  if (slot.part === "field") yield undefined;
  try {
    if (isWhole) yield* wholeValues(slot, now, hints, context);
    else yield* singleValues(slot, others, hints, context);
  } catch (error) {
    // Nothing more can be made for this leaf.
    if (!(error instanceof FakeError)) throw error;
  }
}

function* singleValues(
  slot: Slot,
  others: readonly (Value | undefined)[],
  hints: Hints,
  context: Context,
): Generator<SingleValue> {
  const desc = messageOf(slot);
  const isByFields = desc !== undefined && !desc.typeName.startsWith("google.protobuf.");
  const seen = new Set<SingleValue>();
  const both = alternating(valuesOfOthers(slot, others, hints), hintedValues(slot, hints, context));
  for (const value of first(both, 2 * MOST)) {
    if (seen.has(value)) continue;
    seen.add(value);
    yield value;
    if (seen.size === (isByFields ? MOST_MESSAGES : MOST)) return;
  }
}

/** Lists and maps of several sizes, with likely items and with those of the literals. */
function* wholeValues(slot: Slot, now: Value | undefined, hints: Hints, context: Context): Generator<Value> {
  const { random } = context;
  const isMap = slot.field.fieldKind === "map";
  // A shorter one has values that fit already.
  const parts = [...((now ?? []) as Iterable<never>)];
  for (let size = parts.length - 1; size > 0; size--)
    yield isMap ? new Map(parts.slice(0, size)) : parts.slice(0, size);
  yield isMap ? new Map() : [];
  yield* first<Value>(isMap ? maps(slot, context) : lists(slot, context), 5);
  const items = validValues(innerSlot(slot, isMap ? "value" : "item"), hints, context);
  const keys = isMap ? validValues(innerSlot(slot, "key"), hints, context) : [];
  if (items.length === 0 || (isMap && keys.length === 0)) return;
  const whole = (chosen: readonly SingleValue[]): Value => {
    if (!isMap) return chosen;
    // Those of the literals are the first.
    const chosenKeys = random.chance(0.5) ? keys : random.shuffle(keys);
    return new Map(chosen.slice(0, keys.length).map((item, index) => [chosenKeys[index] as SingleValue, item]));
  };
  const sizes = [1, 2, 3, ...[...hints.numbers].map(Number).flatMap((number) => [number, number + 1, number - 1])];
  for (const size of new Set(sizes.filter((number) => Number.isInteger(number) && number >= 0 && number <= LONGEST))) {
    for (let count = 0; count < RANDOM_PER_SIZE; count++) {
      yield whole(Array.from({ length: size }, () => random.pick(items)));
    }
  }
  // The same item everywhere, since one that is right is right everywhere in most expressions.
  for (const item of items) for (const length of [1, 2, 3]) yield whole(Array.from({ length }, () => item));
}

/** The first values of a slot that are valid by its own rules. */
function validValues(slot: Slot, hints: Hints, context: Context): SingleValue[] {
  const values = [...first(hintedValues(slot, hints, context), ITEMS)];
  return slot.judged ? values.filter((value) => context.judge.ofSlot(slot, value).length === 0) : values;
}

function* alternating<Item>(one: Iterable<Item>, other: Iterable<Item>): Generator<Item> {
  const iterators = [one[Symbol.iterator](), other[Symbol.iterator]()];
  while (iterators.length > 0) {
    for (const iterator of [...iterators]) {
      const { done, value } = iterator.next();
      if (done === true) iterators.splice(iterators.indexOf(iterator), 1);
      else yield value;
    }
  }
}

function* first<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    yield item;
    if (++taken === count) return;
  }
}
