// Random values of protobuf types, the same ones in each run.
import { create, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** A seeded random number generator, mulberry32: each run gets the same numbers. */
export function randomFrom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const texts = [
  "",
  "a",
  "grüße",
  "\u{1f600}",
  "\ud800",
  "x\udc00",
  "a\u0000b",
  "z".repeat(47),
  "z".repeat(48),
  "z".repeat(49),
];
texts.push("é".repeat(63), "é".repeat(64), "w".repeat(127), "w".repeat(128), "\u{1f600}".repeat(5_000));
const int32s = [0, 1, -1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, -(2 ** 31)];
const uint32s = [0, 1, 127, 128, 2 ** 21, 2 ** 28, 2 ** 32 - 1];
const int64s = [0n, 1n, -1n, 127n, 128n, 2n ** 31n, 2n ** 32n, -(2n ** 33n), 2n ** 63n - 1n, -(2n ** 63n)];
const uint64s = [0n, 1n, 128n, 2n ** 32n, 2n ** 49n, 2n ** 64n - 1n];
const doubles = [0, 1.5, -1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NaN];
const floats = [0, 1.5, 3.4028234663852886e38, Number.NEGATIVE_INFINITY, Number.NaN, 0.1];
const byteses = [0, 1, 127, 128, 300].map((length) => new Uint8Array(length).fill(length));

/** Samples of each scalar type. */
export const VALUES: Readonly<Record<ScalarType, readonly unknown[]>> = {
  [ScalarType.DOUBLE]: doubles,
  [ScalarType.FLOAT]: floats,
  [ScalarType.INT64]: int64s,
  [ScalarType.UINT64]: uint64s,
  [ScalarType.INT32]: int32s,
  [ScalarType.FIXED64]: uint64s,
  [ScalarType.FIXED32]: uint32s,
  [ScalarType.BOOL]: [false, true],
  [ScalarType.STRING]: texts,
  [ScalarType.BYTES]: byteses,
  [ScalarType.UINT32]: uint32s,
  [ScalarType.SFIXED32]: int32s,
  [ScalarType.SFIXED64]: int64s,
  [ScalarType.SINT32]: int32s,
  [ScalarType.SINT64]: int64s,
};

/** A plain object as a handler may return it: some fields, some of them null or undefined, messages in either shape. */
export function randomInit(type: DescMessage, random: () => number, depth: number): Record<string, unknown> {
  const init: Record<string, unknown> = {};
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const count = () => Math.floor(random() * 4);
  const single = (field: DescField): unknown => {
    if (field.message !== undefined) {
      const inner = randomInit(field.message, random, depth - 1);
      return random() < 0.5 ? inner : create(field.message, inner);
    }
    if (field.enum !== undefined) return pick(field.enum.values).number;
    return pick(VALUES[field.scalar as ScalarType]);
  };
  for (const field of type.fields) {
    const isTooDeep = field.message !== undefined && depth === 0;
    if (isTooDeep || random() < 0.6) continue;
    if (field.oneof !== undefined) {
      init[field.oneof.localName] = { case: field.localName, value: single(field) };
    } else if (random() < 0.1) {
      init[field.localName] = pick([null, undefined]);
    } else if (field.fieldKind === "list") {
      init[field.localName] = Array.from({ length: count() }, () => single(field));
    } else if (field.fieldKind === "map") {
      const keys = field.mapKey === ScalarType.BOOL ? ["true", "false"] : texts.slice(0, 6);
      const entries = Array.from({ length: count() }, () => [pick(keys), single(field)]);
      init[field.localName] = Object.fromEntries(entries);
    } else {
      init[field.localName] = single(field);
    }
  }
  return init;
}
