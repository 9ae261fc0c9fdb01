// Numbers of the types float and double.
import { ScalarType } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";
import { usualFloats } from "../words/number-names.ts";
import type { Bounds } from "./intervals.ts";

interface FloatRules extends Bounds<number> {
  readonly const: number;
  readonly in: readonly number[];
  readonly example: readonly number[];
}

/** Greater numbers have no two digits after the point. */
const MOST_WITH_DIGITS = 1e13;
const GREATEST_FLOAT = Math.fround(3.4028234663852886e38);

type Range = readonly [low: number, high: number];

/** Candidates for a number, the likely ones first. The bounds themselves are among them, also excluded ones. */
export function* floats(type: ScalarType, slot: Slot, context: Context): Generator<number> {
  const { random } = context;
  const shaped = type === ScalarType.FLOAT ? Math.fround : (value: number) => value;
  const usual = usualFloats(slot.field.name);
  const rules = floatRules(slot);
  if (rules !== undefined) {
    if (Object.hasOwn(rules, "const")) yield rules.const;
    yield* random.shuffle(rules.in);
    if (rules.in.length > 0) return;
    yield* random.shuffle(rules.example);
  }
  const greatest = type === ScalarType.FLOAT ? GREATEST_FLOAT : Number.MAX_VALUE;
  if (context.options.withEdges && random.chance(0.5))
    yield shaped(random.pick([0, ...rangesOf(rules, greatest).flat()]));
  const ranges = rangesOf(rules, greatest).map((range) => near(range, usual));
  for (;;) {
    const [low, high] = random.pick(ranges);
    const value = low + (high - low) * random.next();
    // Two digits, as prices and coordinates have them.
    if (Math.abs(value) < MOST_WITH_DIGITS) yield shaped(Math.round(value * 100) / 100);
    yield shaped(value);
    yield random.pick([low, high]);
  }
}

function rangesOf(rules: FloatRules | undefined, greatest: number): Range[] {
  const low = rules?.greaterThan.value ?? -greatest;
  const high = rules?.lessThan.value ?? greatest;
  if (low <= high) return [[low, high]];
  return [
    [-greatest, high],
    [low, greatest],
  ];
}

function near([low, high]: Range, [least, most]: Range): Range {
  const from = Math.max(low, least);
  const to = Math.min(high, most);
  // One point would be a bound, which may be excluded.
  if (from < to || low === high) return [from, to];
  // Enough to be another number, also where those that can be told apart are far from each other.
  const size = Math.max(1, most - least, Math.abs(low >= most ? low : high) * 2 ** -20);
  return low >= most ? [low, Math.min(high, low + size)] : [Math.max(low, high - size), high];
}

function floatRules({ rules }: Slot): FloatRules | undefined {
  return rules?.type.case === "float" || rules?.type.case === "double" ? rules.type.value : undefined;
}
