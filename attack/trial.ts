// A trial: an attack against a server of its own, and what is allowed.
import type { Attack } from "./attack.ts";
import type { AttackedOptions } from "./programs/server.ts";

/** What is allowed: MiB beyond the RSS before, and milliseconds. */
export interface Limits {
  /** During the attack, and after it. */
  readonly peakMib: number;
  readonly afterMib: number;
  /** The time until everything has to be given back. */
  readonly settleMs: number;
  /** The bystander's time may be this many times that of the control, or this much more. */
  readonly latencyOf: "p99" | "slowest";
  readonly latencyFactor: number;
  readonly latencyExtraMs: number;
}

const usualLimits: Limits = {
  peakMib: 128,
  afterMib: 64,
  settleMs: 30_000,
  latencyOf: "p99",
  latencyFactor: 2,
  latencyExtraMs: 10,
};

export interface Trial {
  readonly name: string;
  readonly title: string;
  readonly attack: Attack;
  /** Options of the server, and flags of its Node. */
  readonly options: AttackedOptions;
  readonly flags: readonly string[];
  readonly limits: Limits;
  /** The names of the checks that count; all without. */
  readonly checks?: readonly string[];
}

/** Whether a check counts. What none of them needs is not measured, as it may take long. */
export function isChecked({ checks }: Trial, name: string): boolean {
  return checks === undefined || checks.includes(name);
}

export interface TrialChanges extends Partial<Pick<Trial, "name" | "title" | "options" | "flags" | "checks">> {
  readonly limits?: Partial<Limits>;
  readonly strikes?: number;
  readonly perSecond?: number;
}

/** The trial of an attack, as the table has it unless something is changed. */
export function trialOf(attack: Attack, changes: TrialChanges = {}): Trial {
  const { limits, strikes = attack.strikes, perSecond = attack.perSecond, ...others } = changes;
  return {
    name: attack.name,
    title: attack.title,
    options: {},
    flags: [],
    ...others,
    attack: { ...attack, strikes, perSecond },
    limits: { ...usualLimits, ...limits },
  };
}
