// Values for a leaf from those of the other leaves.
import { clone, create, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { scalarOf } from "../candidates.ts";
import type { Hints } from "../cel/hints.ts";
import { messageOf, type SingleValue, type Slot, type Value } from "../slot.ts";
import { durationOf, SECOND, type SecondsAndNanos, timestampOf, toNanoseconds } from "../values/nanoseconds.ts";
import { isLong } from "../values/zero.ts";

/** The values of the other leaves, those around them, and sums and differences with the literals. */
export function* valuesOfOthers(
  slot: Slot,
  others: readonly (Value | undefined)[],
  hints: Hints,
): Generator<SingleValue> {
  const desc = messageOf(slot);
  const isString = desc === undefined && slot.field.enum === undefined && scalarOf(slot) === ScalarType.STRING;
  if (isString && hints.hasSums) yield* joined(others, hints);
  for (const value of others) {
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

/** Texts of others with a literal between them, before or after them: the name of a resource from its parts. */
function* joined(others: readonly (Value | undefined)[], { strings }: Hints): Generator<string> {
  const texts = others.filter((value) => typeof value === "string");
  for (const literal of ["", ...strings]) {
    for (const text of texts) yield* [literal + text, text + literal];
    for (const first of texts) for (const last of texts) yield first + literal + last;
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
