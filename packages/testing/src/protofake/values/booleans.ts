// Booleans.
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";

/** Both values, in a random order unless there is a rule. */
export function* booleans({ rules }: Slot, { random }: Context): Generator<boolean> {
  const type = rules?.type;
  if (type?.case === "bool" && Object.hasOwn(type.value, "const")) yield type.value.const;
  yield* random.shuffle([true, false]);
}
