// How much a fake has at most: rules can ask for more than there is memory.
import { FakeError } from "../fake-error.ts";
import type { Slot } from "../slot.ts";

/** Items of a list, and entries of a map. */
export const MOST_ITEMS = 100_000;
/** Characters of a string, and bytes. */
export const MOST_LENGTH = 1_000_000;

/**
 * Checks what a rule asks for at least.
 * @param ruleId of the rule that asks for it
 * @throws FakeError that names the rule and the limit
 */
export function checkSize(slot: Slot, ruleId: string, wanted: number, most: number): void {
  if (wanted <= most) return;
  const complaint = `it asks for ${wanted}, and fakes have at most ${most}`;
  throw new FakeError({ typeName: slot.around[0] ?? "", field: slot.path, ruleId, complaint });
}
