// A bounded search for values that meet CEL rules: leaf by leaf, and then several at once.
import { isFieldError, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { CelRule } from "../cel/expressions.ts";
import { type Hints, hintsOf } from "../cel/hints.ts";
import { pathsOf, type ValuePath } from "../cel/paths.ts";
import { contain, contained } from "../container.ts";
import type { Context } from "../context.ts";
import type { Complaint } from "../rules/judge.ts";
import type { Slot, Value } from "../slot.ts";
import { valuesForLeaf } from "./leaf-values.ts";
import { type Leaf, leavesAt } from "./leaves.ts";

/** Validations until the search ends. One takes some ten microseconds. */
const MOST_VALIDATIONS = 6000;
const ROUNDS = 4;
/** An expression without a result is worse than any that are false. */
const ERROR = 1000;

/** How many rules are not met. */
export function countOf(complaints: readonly Complaint[]): number {
  return complaints.some(({ isError }) => isError) ? ERROR : complaints.length;
}

/**
 * Changes what the expressions read in a message, until `count` is zero.
 * @param isFree whether the field at the beginning of a path may be changed
 * @returns whether it is zero; otherwise the message is the best that was found
 */
export function searchMessage(
  message: ReflectMessage,
  rules: readonly CelRule[],
  outside: Pick<Slot, "path" | "around">,
  context: Context,
  count: () => number,
  isFree: (name: string) => boolean = () => true,
): boolean {
  const paths = rules.flatMap(({ expression }) => pathsOf(expression));
  const all: ValuePath[] = paths.length > 0 ? paths : message.desc.fields.map(({ name }) => [name]);
  return search(
    () =>
      leavesOf(
        message,
        all.filter(([name = ""]) => isFree(name)),
        outside,
      ),
    rules,
    context,
    count,
  );
}

/** The same for a value in a slot. @returns the value, or undefined if there is none */
export function searchSlot(
  slot: Slot,
  value: Value,
  rules: readonly CelRule[],
  context: Context,
  accepts: (value: Value) => boolean,
): Value | undefined {
  const message = contain(slot, value);
  const start = slot.part === "field" ? [slot.field.name] : [slot.field.name, "*"];
  const count = () => {
    const current = contained(message, slot);
    return accepts(current) ? countOf(context.judge.ofSlot(slot, current)) : 1;
  };
  const paths = [start, ...rules.flatMap(({ expression }) => pathsOf(expression)).map((path) => [...start, ...path])];
  const outside = { path: slot.path.replace(/(^|\.)[^.]*$/, ""), around: slot.around };
  return search(() => leavesOf(message, paths, outside), rules, context, count) ? contained(message, slot) : undefined;
}

/** What was replaced may have other leaves, so that they are found anew in each round. */
function search(find: () => Leaf[], rules: readonly CelRule[], context: Context, count: () => number): boolean {
  const { random } = context;
  const hints = hintsOf(rules);
  let best = count();
  let left = MOST_VALIDATIONS;
  for (let round = 0; round < ROUNDS && best > 0 && left > 0; round++) {
    for (const leaf of random.shuffle(find())) {
      const before = leaf.get();
      let kept = before;
      for (const value of valuesForLeaf(leaf, find(), hints, context)) {
        if (left-- <= 0) break;
        const now = tryValue(leaf, value, count);
        if (now < best) [best, kept] = [now, value];
        if (best === 0) return true;
      }
      restore(leaf, kept);
    }
    if (best > 0) best = searchTogether(find(), hints, context, count, best, Math.min(left, MOST_VALIDATIONS / ROUNDS));
    left -= MOST_VALIDATIONS / ROUNDS;
  }
  return best === 0;
}

/** Replaces several leaves at once. @returns the least number that was found */
function searchTogether(
  leaves: readonly Leaf[],
  hints: Hints,
  context: Context,
  count: () => number,
  start: number,
  most: number,
): number {
  const { random } = context;
  const values = leaves.map((leaf) => valuesForLeaf(leaf, leaves, hints, context));
  let best = start;
  for (let tries = 0; tries < most && leaves.length > 1; tries++) {
    const chosen = random.shuffle(leaves.keys()).slice(0, random.int(2, Math.min(4, leaves.length)));
    const before = chosen.map((index) => leaves[index]?.get());
    for (const index of chosen) {
      const list = values[index] ?? [];
      if (list.length > 0) restore(leaves[index] as Leaf, random.pick(list));
    }
    const now = count();
    if (now < best) best = now;
    else for (const [position, index] of chosen.entries()) restore(leaves[index] as Leaf, before[position]);
    if (best === 0) break;
  }
  return best;
}

function leavesOf(
  message: ReflectMessage,
  paths: readonly ValuePath[],
  outside: Pick<Slot, "path" | "around">,
): Leaf[] {
  const unique = new Map(paths.map((path) => [path.join("."), path]));
  return [...unique.values()].flatMap((path) => leavesAt(message, path, outside));
}

function tryValue(leaf: Leaf, value: Value | undefined, count: () => number): number {
  return restore(leaf, value) ? count() : Number.POSITIVE_INFINITY;
}

/** @returns whether the field takes the value: a literal may have another type */
function restore(leaf: Leaf, value: Value | undefined): boolean {
  try {
    leaf.set(value);
    return true;
  } catch (error) {
    if (isFieldError(error)) return false;
    throw error;
  }
}
