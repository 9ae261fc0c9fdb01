// Whole numbers of all types.
import { ScalarType } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";
import type { SingleValue, Slot } from "../slot.ts";
import { usualIntegers } from "../words/number-names.ts";
import { type Bounds, fromIntervals, type Interval, intervalsOf } from "./intervals.ts";
import { isLong } from "./zero.ts";

/** What the rules of all integer types have. */
interface IntegerRules extends Bounds<number | bigint> {
  readonly const: number | bigint;
  readonly in: readonly (number | bigint)[];
  readonly example: readonly (number | bigint)[];
}

const INT32: Interval = [-(2n ** 31n), 2n ** 31n - 1n];
const INT64: Interval = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT32: Interval = [0n, 2n ** 32n - 1n];
const UINT64: Interval = [0n, 2n ** 64n - 1n];

/** The least and the greatest value of an integer type; undefined for other types. */
export function rangeOf(type: ScalarType): Interval | undefined {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return INT32;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return UINT32;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return INT64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return UINT64;
    default:
      return undefined;
  }
}

/** Candidates for an integer, the likely ones first. */
export function* integers(type: ScalarType, within: Interval, slot: Slot, context: Context): Generator<SingleValue> {
  const { random } = context;
  const { now, withEdges } = context.options;
  const shaped = (value: bigint) => (isLong(type) ? value : Number(value));
  const rules = integerRules(slot);
  const usual = usualIntegers(slot.field.name, slot.field.parent.name, now);
  if (rules === undefined) {
    for (const value of fromIntervals([within], usual, random, withEdges)) yield shaped(value);
    return;
  }
  const set = rules as object;
  if (Object.hasOwn(set, "const")) yield shaped(BigInt(rules.const));
  for (const value of random.shuffle(rules.in)) yield shaped(BigInt(value));
  if (rules.in.length > 0) return;
  for (const value of random.shuffle(rules.example)) yield shaped(BigInt(value));
  for (const value of fromIntervals(intervalsOf(rules, BigInt, within), usual, random, withEdges)) yield shaped(value);
}

function integerRules({ rules }: Slot): IntegerRules | undefined {
  switch (rules?.type.case) {
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
    case "sint32":
    case "sint64":
    case "fixed32":
    case "fixed64":
    case "sfixed32":
    case "sfixed64":
      return rules.type.value;
    default:
      return undefined;
  }
}
