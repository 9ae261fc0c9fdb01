// The table: a line for each attack, printed as soon as it is known, and a sentence for each check that failed.
import { type Complaint, complaintsOf, latencies, latenciesByRound, leftOver } from "./checks.ts";
import type { Measured } from "./measured.ts";
import type { Trial } from "./trial.ts";

/** A trial or a program that has been judged. */
export interface Verdict {
  readonly name: string;
  readonly complaints: readonly Complaint[];
  readonly cells: readonly string[];
  /** For `--json`. */
  readonly figures: object;
}

const columns: readonly (readonly [title: string, width: number])[] = [
  ["attack", 24],
  ["sent", 9],
  ["RSS peak", 9],
  ["RSS after", 9],
  ["handlers/calls", 14],
  ["left over", 24],
  ["ms/control", 12],
  ["verdict", 7],
];

export const heading = `${line(columns.map(([title]) => title))}\n${line(columns.map(([, width]) => "-".repeat(width)))}`;

export function line(cells: readonly string[]): string {
  const padded = cells.map((cell, at) => {
    const width = columns[at]?.[1] ?? 0;
    return at === 0 || at >= columns.length - 1 ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join("  ").trimEnd();
}

export function verdictOf(trial: Trial, measured: Measured): Verdict {
  const { remains, traffic } = measured;
  const complaints = complaintsOf(trial, measured);
  const times = latencies(trial.limits, measured);
  return {
    name: trial.name,
    complaints,
    cells: [
      trial.name,
      bytes(traffic.bytes),
      mib(remains?.peakMib),
      mib(remains?.afterMib),
      `${remains?.started ?? "?"}/${traffic.calls}`,
      remains === undefined ? "" : leftOver(remains) || "none",
      `${ms(times.attacked)}/${ms(times.control)}`,
      outcome(complaints),
    ],
    figures: {
      name: trial.name,
      title: trial.title,
      traffic,
      ...remains,
      exit: measured.exit,
      latencyMs: latenciesByRound(trial.limits, measured),
    },
  };
}

/** The verdict on a program that has grown by `grownMib`. */
export function growthVerdict(name: string, title: string, grownMib: number, mostMib: number): Verdict {
  const text = `it grew by ${grownMib.toFixed(1)} MiB, of ${mostMib} allowed`;
  const complaints = grownMib <= mostMib ? [] : [{ check: "growth", text }];
  const cells = [name, "", "", mib(grownMib), "", "", "", outcome(complaints)];
  return { name, complaints, cells, figures: { name, title, grownMib } };
}

/** Either `passed`, or the checks that failed. */
export function outcome(complaints: readonly Complaint[]): string {
  return complaints.length === 0 ? "passed" : `FAILED ${complaints.map(({ check }) => check).join(", ")}`;
}

/** A sentence for each failed check, then the count. */
export function summary(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ complaints }) => complaints.length > 0);
  const sentences = failed.flatMap(({ name, complaints }) => complaints.map(({ text }) => `${name}: ${text}.`));
  return ["", ...sentences, `${verdicts.length - failed.length} passed, ${failed.length} failed`].join("\n");
}

function bytes(count: number): string {
  if (count < 10_240) return `${count} B`;
  return count < 10 * 1024 * 1024 ? `${Math.round(count / 1024)} KiB` : `${Math.round(count / 1024 / 1024)} MiB`;
}

function mib(value: number | undefined): string {
  return value === undefined ? "?" : `${value < 0 ? "-" : "+"}${Math.round(Math.abs(value))} MiB`;
}

function ms(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}
