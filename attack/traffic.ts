// What an attacker did.

/** What an attacker did in one round, or in several together. */
export interface Traffic {
  /** Strikes that were to be made, and those that were. */
  readonly planned: number;
  readonly made: number;
  readonly bytes: number;
  /** Requests that a handler may have been started for. */
  readonly calls: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Messages of strikes that failed. */
  readonly failures: readonly string[];
}

/** All rounds together. */
export function sumOf(rounds: readonly Traffic[]): Traffic {
  const counts: Record<string, number> = {};
  for (const round of rounds) {
    for (const [what, count] of Object.entries(round.counts)) counts[what] = (counts[what] ?? 0) + count;
  }
  const sum = (figure: (round: Traffic) => number) => rounds.reduce((total, round) => total + figure(round), 0);
  return {
    planned: sum(({ planned }) => planned),
    made: sum(({ made }) => made),
    bytes: sum(({ bytes }) => bytes),
    calls: sum(({ calls }) => calls),
    counts,
    failures: rounds.flatMap(({ failures }) => failures),
  };
}
