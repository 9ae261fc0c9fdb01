// google.protobuf.Struct, Value and ListValue: JSON.
import type { JsonValue } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";

type Source = Pick<Context, "words" | "random">;

/** An object of one to three properties. */
export function jsonObject(source: Source, depth = 0): { [name: string]: JsonValue } {
  const { words, random } = source;
  return Object.fromEntries(
    Array.from({ length: random.int(1, 3) }, () => [words.word(), jsonValue(source, depth + 1)]),
  );
}

/** An array of one to three values. */
export function jsonArray(source: Source, depth = 0): JsonValue[] {
  return Array.from({ length: source.random.int(1, 3) }, () => jsonValue(source, depth + 1));
}

/** Any JSON but null; arrays and objects are at most two deep. */
export function jsonValue(source: Source, depth = 0): JsonValue {
  const { words, random } = source;
  switch (random.int(0, depth < 2 ? 4 : 2)) {
    case 0:
      return words.word();
    case 1:
      return random.int(1, 1000);
    case 2:
      return random.chance(0.5);
    case 3:
      return jsonArray(source, depth);
    default:
      return jsonObject(source, depth);
  }
}
