// Maps: different keys, each with a value.
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { innerSlot, type SingleValue, type Slot } from "../slot.ts";
import { sizesOf } from "./sizes.ts";

/** Candidates for a whole map. */
export function* maps(slot: Slot, context: Context): Generator<ReadonlyMap<SingleValue, SingleValue>> {
  const type = slot.rules?.type;
  const rules = type?.case === "map" ? type.value : undefined;
  const [key, value] = [innerSlot(slot, "key"), innerSlot(slot, "value")];
  const sizes = sizesOf(slot, rules && { least: "minPairs", most: "maxPairs", rules }, context);
  for (;;) {
    const size = sizes();
    const map = new Map<SingleValue, SingleValue>();
    try {
      for (let index = 0; index < size; index++) {
        context.random.within(`${index}`, () => {
          const isNew = (candidate: unknown) => !map.has(candidate as SingleValue);
          const newKey = context.solve(key, isNew) as SingleValue;
          map.set(newKey, context.solve(value) as SingleValue);
        });
      }
    } catch (error) {
      // There may be fewer different keys than wanted: a boolean has two.
      const least = rules?.minPairs ?? 0n;
      if (!(error instanceof FakeError)) throw error;
      if (BigInt(map.size) < least) throw error.ruleId === "" ? tooFew(slot, map.size) : error;
    }
    yield map;
  }
}

function tooFew({ path, around }: Slot, count: number): FakeError {
  const complaint = `there are no more than ${count} different keys, and it has to have more`;
  return new FakeError({ typeName: around[0] ?? "", field: path, ruleId: "map.min_pairs", complaint });
}
