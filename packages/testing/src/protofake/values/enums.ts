// Enums: defined values, and never the unspecified one if another will do.
import type { DescEnum } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";

/** Numbers for an enum, the likely ones first. */
export function* enums(desc: DescEnum, { rules }: Slot, { random, options }: Context): Generator<number> {
  const type = rules?.type;
  const enumRules = type?.case === "enum" ? type.value : undefined;
  if (enumRules !== undefined) {
    if (Object.hasOwn(enumRules, "const")) yield enumRules.const;
    const named = (numbers: readonly number[]) => random.shuffle(numbers.filter((number) => number in desc.value));
    if (!options.unspecified) yield* named(enumRules.in).filter((number) => !isUnspecified(desc, number));
    yield* named(enumRules.in);
    yield* random.shuffle(enumRules.in);
    if (enumRules.in.length > 0) return;
    yield* random.shuffle(enumRules.example);
  }
  const numbers = random.shuffle(new Set(desc.values.map(({ number }) => number)));
  if (!options.unspecified) yield* numbers.filter((number) => !isUnspecified(desc, number));
  yield* numbers;
  if (!desc.open || enumRules === undefined) return;
  // Rules may leave only numbers without a name.
  for (let number = 1; number < 100; number++) if (!(number in desc.value)) yield number;
}

/** Whether this is the value that says nothing: number 0, by one of the names that it has in the field. */
export function isUnspecified(desc: DescEnum, number: number): boolean {
  return number === 0 && /(^|_)(UNSPECIFIED|UNKNOWN|UNDEFINED|INVALID)$/i.test(desc.value[0]?.name ?? "");
}
