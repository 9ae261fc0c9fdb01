// Candidates from hints, in the type of a slot.
import { create, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { candidates, scalarOf } from "../candidates.ts";
import type { Context } from "../context.ts";
import { messageOf, type SingleValue, type Slot } from "../slot.ts";
import { rangeOf } from "../values/integers.ts";
import { DAY, durationOf, MILLISECOND, SECOND, timestampOf } from "../values/nanoseconds.ts";
import { isLong } from "../values/zero.ts";
import { hintedTexts } from "./hinted-texts.ts";
import type { Hints } from "./hints.ts";

/** Of more literals not all three are combined. */
const MOST_REMAINDERS = 6;

/** Candidates by the hints, and others among them. They may repeat, and go on without end. */
export function* hintedValues(slot: Slot, hints: Hints, context: Context): Generator<SingleValue> {
  const message = messageOf(slot);
  if (message !== undefined) yield* messagesOf(message, hints, context);
  else if (slot.part !== "key" && slot.field.enum !== undefined) yield* enumsOf(slot, hints);
  else yield* scalarsOf(scalarOf(slot), hints, context);
  yield* candidates(slot, context);
}

function* scalarsOf(type: ScalarType, hints: Hints, context: Context): Generator<SingleValue> {
  const { random } = context;
  switch (type) {
    case ScalarType.STRING:
      yield* hintedTexts(hints, context);
      return;
    case ScalarType.BYTES:
      yield* random.shuffle(hints.bytes);
      for (const text of hintedTexts(hints, context)) yield new TextEncoder().encode(text);
      for (const number of hints.numbers) if (number >= 0 && number < 10_000) yield random.bytes(Number(number));
      return;
    case ScalarType.BOOL:
      yield* random.shuffle([true, false]);
      return;
    default:
      yield* numbersOf(type, hints, context);
  }
}

/** The numbers, those around them, between them and in the same ratio. */
function* numbersOf(type: ScalarType, hints: Hints, { random }: Context): Generator<SingleValue> {
  const range = rangeOf(type);
  const numbers = new Set<number>();
  for (const hint of random.shuffle(hints.numbers)) {
    const number = Number(hint);
    for (const near of [number, number + 1, number - 1, -number, number * 2, number / 2, number + 0.5])
      numbers.add(near);
  }
  for (const one of hints.numbers) for (const other of hints.numbers) numbers.add((Number(one) + Number(other)) / 2);
  // Multiples of one that are as great as another: of 17 above 1000.
  for (const one of hints.numbers) {
    for (const other of hints.numbers) numbers.add((Math.floor(Number(other) / Number(one)) + 1) * Number(one));
  }
  for (const number of withRemainders(hints.numbers)) numbers.add(number);
  if (range === undefined) {
    yield* [...numbers, 0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return;
  }
  // Exactly: a number of JavaScript has fewer digits.
  const exact = [...hints.numbers].filter((hint): hint is bigint => typeof hint === "bigint");
  const whole = exact.flatMap((hint) => [hint, hint + 1n, hint - 1n]);
  const rounded = [...numbers, 0, 1, -1, 2].filter(Number.isFinite).map((number) => BigInt(Math.round(number)));
  for (const value of new Set([...whole, ...rounded])) {
    if (value >= range[0] && value <= range[1]) yield isLong(type) ? value : Number(value);
  }
}

/** Multiples with a remainder that are as great as a third number: of 97 with 13 above 1000. */
function* withRemainders(hints: ReadonlySet<number | bigint>): Generator<number> {
  const few = [...hints].slice(0, MOST_REMAINDERS).map(Number);
  for (const divisor of few.filter((number) => number > 1)) {
    for (const remainder of few) {
      for (const least of few) yield (Math.floor(least / divisor) + 1) * divisor + remainder;
    }
  }
}

function* enumsOf({ field }: Slot, hints: Hints): Generator<number> {
  for (const hint of hints.numbers) yield Number(hint);
  for (const { name, number } of field.enum?.values ?? []) if (hints.strings.has(name)) yield number;
}

function* messagesOf(desc: DescMessage, hints: Hints, context: Context): Generator<SingleValue> {
  const make = (parts: object) => reflect(desc, create(desc, parts as Record<string, unknown>));
  if (desc.typeName === "google.protobuf.Duration") {
    for (const hint of [...hints.durations, ...seconds(hints)])
      for (const near of around(hint)) yield make(durationOf(near));
  } else if (desc.typeName === "google.protobuf.Timestamp") {
    const now = BigInt(context.options.now) * MILLISECOND;
    const relative = [...hints.durations].flatMap((hint) => [now + hint, now - hint]);
    // `now` of expressions is the time of the validator, which may be far from that of the options.
    const far = [now + CENTURY, now - CENTURY];
    for (const hint of [...hints.timestamps, now, ...relative, ...far, ...seconds(hints)]) {
      for (const near of around(hint)) yield make(timestampOf(near));
    }
    for (const time of monthsOf(hints)) yield make(timestampOf(time));
  } else if (isWrapperDesc(desc)) {
    const type = desc.fields[0]?.scalar;
    if (type !== undefined) for (const value of scalarsOf(type, hints, context)) yield make({ value });
  } else if (desc.typeName === "google.protobuf.Any") {
    for (const typeUrl of hints.strings) yield make({ typeUrl });
  } else if (desc.typeName === "google.protobuf.FieldMask") {
    for (const path of hints.strings) yield make({ paths: [path] });
  }
}

const CENTURY = 36_500n * DAY;

/** A time in each month of the years among the numbers, as `getFullYear` has them. */
function* monthsOf({ numbers }: Hints): Generator<bigint> {
  for (const year of [...numbers].map(Number).filter((number) => number >= 1900 && number <= 2200)) {
    for (let month = 0; month < 12; month++) yield BigInt(Date.UTC(year, month, 12, 12)) * MILLISECOND;
  }
}

function seconds(hints: Hints): bigint[] {
  return [...hints.numbers].filter((hint) => Number.isSafeInteger(Number(hint))).map((hint) => BigInt(hint) * SECOND);
}

function around(nanoseconds: bigint): bigint[] {
  const far = 3600n * SECOND;
  return [0n, SECOND, -SECOND, 1n, -1n, far, -far].map((distance) => nanoseconds + distance);
}
