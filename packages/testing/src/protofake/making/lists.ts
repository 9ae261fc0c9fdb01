// Lists: their length, and different items where rules ask for them.
import { scalarEquals } from "@bufbuild/protobuf/reflect";
import { scalarOf } from "../candidates.ts";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { innerSlot, messageOf, type SingleValue, type Slot } from "../slot.ts";
import { sizesOf } from "./sizes.ts";

/** Candidates for a whole list. */
export function* lists(slot: Slot, context: Context): Generator<readonly SingleValue[]> {
  const type = slot.rules?.type;
  const rules = type?.case === "repeated" ? type.value : undefined;
  const item = innerSlot(slot, "item");
  const sizes = sizesOf(slot, rules && { least: "minItems", most: "maxItems", rules }, context);
  for (;;) {
    const size = sizes();
    const items: SingleValue[] = [];
    try {
      for (let index = 0; index < size; index++) {
        const isNew = (value: unknown) => rules?.unique !== true || !items.some((other) => same(item, other, value));
        items.push(context.random.within(`${index}`, () => context.solve(item, isNew)) as SingleValue);
      }
    } catch (error) {
      // There may be fewer different items than wanted, or none that are valid.
      if (!(error instanceof FakeError)) throw error;
      if (!isValidSize(items.length, rules)) throw error.ruleId === "" ? tooFew(slot, items.length) : error;
    }
    yield items;
  }
}

function tooFew({ path, around }: Slot, count: number): FakeError {
  const complaint = `there are no more than ${count} different items, and it has to have more`;
  return new FakeError({ typeName: around[0] ?? "", field: path, ruleId: "repeated.unique", complaint });
}

function isValidSize(size: number, rules: { readonly minItems: bigint } | undefined): boolean {
  return rules === undefined || BigInt(size) >= rules.minItems;
}

function same(item: Slot, one: SingleValue, other: unknown): boolean {
  if (messageOf(item) !== undefined) return false;
  if ("enum" in item.field && item.field.enum !== undefined) return one === other;
  return scalarEquals(scalarOf(item), one as never, other as never);
}
