// How many items lists and maps have.
import type { DescMessage } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";
import { checkSize, MOST_ITEMS } from "../values/greatest-sizes.ts";

/** Two rules, by their names. */
interface SizeRules<Name extends string> {
  readonly rules: { readonly [name in Name]: bigint };
  readonly least: Name;
  readonly most: Name;
}

/** More than a person wants. Rules can ask for more. */
const USUAL_EXTRA = 3;

/**
 * A function that gives numbers of items: those of the options, within those of the rules.
 * @throws FakeError if rules ask for too many
 */
export function sizesOf<Name extends string>(slot: Slot, rules: SizeRules<Name> | undefined, context: Context) {
  const { random, options } = context;
  const bound = (name: Name | undefined) => {
    return rules !== undefined && name !== undefined && Object.hasOwn(rules.rules, name)
      ? Number(rules.rules[name])
      : undefined;
  };
  const required = slot.rules?.required === true ? 1 : 0;
  const least = Math.max(bound(rules?.least) ?? 0, required);
  checkSize(slot, rules?.least === "minPairs" ? "map.min_pairs" : "repeated.min_items", least, MOST_ITEMS);
  const most = bound(rules?.most) ?? Number.MAX_SAFE_INTEGER;
  const from = Math.min(most, Math.max(least, options.min));
  const to = Math.min(most, Math.max(from, least > options.max ? least + USUAL_EXTRA : options.max));
  if (isTooDeep(slot, context)) return () => least;
  const copies = copiesOf(slot);
  // A tree would grow with each level.
  if (copies > 0) return () => Math.max(least, random.chance(0.5 ** copies) ? Math.min(1, to) : 0);
  return () => (options.withEdges && random.chance(0.3) ? random.pick([least, to]) : random.int(from, to));
}

/** Whether the messages of the field would be deeper than the options allow, where rules do not require them. */
export function isTooDeep({ field, around }: Slot, { options }: Context): boolean {
  return field.message !== undefined && !isPlain(field.message) && around.length > options.maxDepth;
}

/** How many messages around the field have the type of the messages in it. */
export function copiesOf({ field, around }: Slot): number {
  return around.filter((typeName) => typeName === field.message?.typeName).length;
}

/** These do not have messages of other types in them. */
function isPlain({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.");
}
