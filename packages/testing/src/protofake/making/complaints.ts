// The complaints about the values that were tried.
import type { Complaint } from "../rules/judge.ts";
import type { Value } from "../slot.ts";

interface Counted {
  count: number;
  readonly complaint: Complaint;
  readonly value: Value;
}

/** The rule that most values break says more than that of the last one, which is often an unlikely value. */
export class Complaints {
  readonly #byRule = new Map<string, Counted>();

  add(complaint: Complaint, value: Value): void {
    const known = this.#byRule.get(complaint.ruleId);
    if (known === undefined) this.#byRule.set(complaint.ruleId, { count: 1, complaint, value });
    else known.count++;
  }

  /** The first complaint about the rule that was broken most often. */
  get mostFrequent(): Counted | undefined {
    return [...this.#byRule.values()].sort((one, other) => other.count - one.count)[0];
  }
}
