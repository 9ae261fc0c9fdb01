// One step of a search: a leaf, or several, get values with which fewer rules are broken.
import { isFieldError } from "@bufbuild/protobuf/reflect";
import type { Hints } from "../cel/hints.ts";
import type { Context } from "../context.ts";
import type { Value } from "../slot.ts";
import { valuesForLeaf } from "./leaf-values.ts";
import type { Leaf } from "./leaves.ts";

/** The leaves that may be changed, and those that are as the caller gave them. */
export interface Leaves {
  readonly free: readonly Leaf[];
  readonly fixed: readonly Leaf[];
}

/** What a step works with. */
export interface Step {
  readonly leaves: Leaves;
  readonly hints: Hints;
  readonly context: Context;
  /** How many rules are broken now. */
  count(): number;
  /** Whether nothing more is to be tried. */
  isOver(): boolean;
}

/** How often several leaves get values in one step. */
const TOGETHER = 300;
/** How many of them at once. */
const MOST_AT_ONCE = 4;

/** Replaces a leaf by the first value that is better. @returns the number of broken rules after it */
export function improveLeaf(leaf: Leaf, step: Step, best: number): number {
  const before = leaf.get();
  for (const value of valuesOf(leaf, step)) {
    if (!replace(leaf, value)) continue;
    const now = step.count();
    if (now < best) return now;
    if (step.isOver()) break;
  }
  replace(leaf, before);
  return best;
}

/**
 * Replaces several leaves at once, until it is better.
 * @param most how often
 * @returns the number of broken rules after it
 */
export function improveTogether(step: Step, best: number, most: number): number {
  const { random } = step.context;
  const leaves = step.leaves.free;
  if (leaves.length < 2) return best;
  const values = leaves.map((leaf) => [...valuesOf(leaf, step)]);
  for (let tries = 0; tries < TOGETHER && tries < most && !step.isOver(); tries++) {
    const chosen = random.shuffle(leaves.keys()).slice(0, random.int(2, Math.min(MOST_AT_ONCE, leaves.length)));
    const before = chosen.map((index) => leaves[index]?.get());
    for (const index of chosen) {
      const list = values[index] ?? [];
      // The first ones are none and those of other leaves, which help more often than a literal.
      if (list.length > 0) replace(leaves[index] as Leaf, random.pick(random.chance(0.5) ? list.slice(0, 4) : list));
    }
    const now = step.count();
    if (now < best) return now;
    for (const [position, index] of chosen.entries()) replace(leaves[index] as Leaf, before[position]);
  }
  return best;
}

function valuesOf(leaf: Leaf, { leaves, hints, context }: Step): Iterable<Value | undefined> {
  return valuesForLeaf(leaf, [...leaves.free, ...leaves.fixed], hints, context);
}

/** @returns whether the field takes the value: a literal may have another type */
function replace(leaf: Leaf, value: Value | undefined): boolean {
  try {
    leaf.set(value);
    return true;
  } catch (error) {
    if (isFieldError(error)) return false;
    throw error;
  }
}
