// Ranges of whole numbers, as rules bound them. Durations and timestamps are whole numbers of nanoseconds here.
import type { Random } from "../random.ts";

export type Interval = readonly [least: bigint, greatest: bigint];

/** The bounds of rules that have lt or lte, and gt or gte. */
export interface Bounds<Bound> {
  readonly lessThan: { readonly case: string | undefined; readonly value?: Bound | undefined };
  readonly greaterThan: { readonly case: string | undefined; readonly value?: Bound | undefined };
}

const FEW = 1000n;

/**
 * Where values may be. Crossed bounds, whose upper one is below the lower one, exclude what is between them.
 * @param within what the type can hold
 */
export function intervalsOf<Bound>(
  bounds: Bounds<Bound>,
  toWhole: (bound: Bound) => bigint,
  within: Interval,
): Interval[] {
  const { lessThan, greaterThan } = bounds;
  const [least, greatest] = within;
  let [low, high] = within;
  if (greaterThan.value !== undefined) low = toWhole(greaterThan.value) + (greaterThan.case === "gt" ? 1n : 0n);
  if (lessThan.value !== undefined) high = toWhole(lessThan.value) - (lessThan.case === "lt" ? 1n : 0n);
  const isCrossed = greaterThan.value !== undefined && lessThan.value !== undefined && low > high;
  const intervals: Interval[] = isCrossed
    ? [
        [least, high],
        [low, greatest],
      ]
    : [[low, high]];
  return intervals.filter(([from, to]) => from <= to && from <= greatest && to >= least);
}

/**
 * Values from the intervals without end: first from those that a person would expect, then the bounds, then any.
 * @param usual where values are by the name of the field
 * @param withEdges whether half of the first values are bounds or any, as tests of properties want them
 */
export function* fromIntervals(
  intervals: readonly Interval[],
  usual: Interval,
  random: Random,
  withEdges = false,
): Generator<bigint> {
  if (intervals.length === 0) return;
  if (withEdges && random.chance(0.5)) {
    yield random.chance(0.5) ? random.pick(intervals.flat()) : random.bigint(...random.pick(intervals));
  }
  const expected = intervals.map((interval) => near(interval, usual));
  for (let count = 0; count < 12; count++) yield random.bigint(...random.pick(expected));
  yield* intervals.flat();
  // Few numbers one after the other: a list of different items may need all of them.
  const all = intervals.reduce((sum, [low, high]) => sum + high - low + 1n, 0n);
  if (all <= FEW) yield* random.shuffle(intervals.flatMap(numbersOf));
  for (;;) {
    yield random.bigint(...random.pick(expected));
    yield random.bigint(...random.pick(intervals));
  }
}

function numbersOf([low, high]: Interval): bigint[] {
  return Array.from({ length: Number(high - low) + 1 }, (_, index) => low + BigInt(index));
}

/** The part of an interval within the usual one, or as much beside the bound that is nearest to it. */
function near([low, high]: Interval, [least, greatest]: Interval): Interval {
  const from = low > least ? low : least;
  const to = high < greatest ? high : greatest;
  if (from <= to) return [from, to];
  const size = greatest - least;
  if (low > greatest) return [low, low + size < high ? low + size : high];
  return [high - size > low ? high - size : low, high];
}
