// The checks of a trial. A figure that was not measured fails.
import { median, quantile } from "../bench/statistics.ts";
import type { Measured, Remains } from "./measured.ts";
import type { Calls } from "./programs/bystander.ts";
import { isChecked, type Limits, type Trial } from "./trial.ts";

/** The time after SIGTERM in which a server has to end that nobody calls any more. */
const MAX_STOP_MS = 3_000;

/** A check that has failed, in one sentence. */
export interface Complaint {
  readonly check: string;
  readonly text: string;
}

type Check = (trial: Trial, measured: Measured) => string | undefined;

/** Each returns what is wrong. */
const checks: Readonly<Record<string, Check>> = {
  happened: ({ attack }, { traffic }) => {
    const { planned, made, counts, failures } = traffic;
    const why = failures.length === 0 ? "" : `; ${failures.length} failed, the first with: ${failures[0]}`;
    if (made === 0 || made < planned) return `only ${made} of ${planned} strikes were made${why}`;
    const missing = Object.entries(attack.proof).flatMap(([what, share]) => {
      const [count, wanted] = [counts[what] ?? 0, share * made];
      return count >= wanted ? [] : [`${shown(wanted)} ${what}, and it has ${count}`];
    });
    return missing.length === 0 ? undefined : `the proof that it happened would be ${missing.join("; ")}${why}`;
  },
  lives: (_, { remains, exit }) => (remains === undefined ? `the server ended during the attack: ${exit}` : undefined),
  stops: afterwards((_, { stopMs }, { exit }) => {
    if (exit !== "0") return `after SIGTERM the server ended with ${exit}, not with 0`;
    return stopMs <= MAX_STOP_MS ? undefined : `the server took ${shown(stopMs)} ms to stop, though nobody called it`;
  }),
  peak: afterwards(({ peakMib: most }, { peakMib }) =>
    peakMib <= most ? undefined : `RSS rose by ${shown(peakMib)} MiB, of ${most} allowed`,
  ),
  after: afterwards(({ afterMib: most }, { afterMib, settleMs }) =>
    afterMib <= most
      ? undefined
      : `RSS was still ${shown(afterMib)} MiB higher after ${seconds(settleMs)}, of ${most} allowed`,
  ),
  handlers: afterwards((_, { started }, { traffic }) =>
    started <= traffic.calls ? undefined : `${started} handlers were started for ${traffic.calls} calls`,
  ),
  left: afterwards((_, remains) => {
    const left = leftOver(remains);
    return left === "" ? undefined : `${left} were left after ${seconds(remains.settleMs)}`;
  }),
  budget: afterwards((_, { refill }) => {
    const failed = refill.filter((status) => status !== "0");
    if (refill.length > 0 && failed.length === 0) return undefined;
    return `of ${refill.length} calls that need what the server may hold ${failed.length} failed: ${[...new Set(failed)]}`;
  }),
  others: (_, { attacked }) => {
    const failures = Object.entries(mergedFailures(attacked)).map(([outcome, count]) => `${count} with ${outcome}`);
    const calls = attacked.reduce((sum, { latencies }) => sum + latencies.length, 0);
    if (calls > 0 && failures.length === 0) return undefined;
    return `of ${calls} calls of the bystander some failed: ${failures.join(", ")}`;
  },
  latency: ({ limits }, measured) => {
    const { attacked, control } = latencies(limits, measured);
    const most = Math.max(limits.latencyFactor * control, control + limits.latencyExtraMs);
    if (attacked <= most) return undefined;
    const what = limits.latencyOf === "p99" ? "p99" : "slowest call";
    return `the bystander's ${what} was ${shown(attacked)} ms, and ${shown(control)} ms while another server was attacked`;
  },
};

export const checkNames = Object.keys(checks);

/** What is wrong, by the checks of the trial. */
export function complaintsOf(trial: Trial, measured: Measured): Complaint[] {
  return Object.entries(checks).flatMap(([check, judge]) => {
    const text = isChecked(trial, check) ? judge(trial, measured) : undefined;
    return text === undefined ? [] : [{ check, text }];
  });
}

/** A check of a server that lives; that it does is another one. */
function afterwards(check: (limits: Limits, remains: Remains, measured: Measured) => string | undefined): Check {
  return ({ limits }, measured) => measured.remains && check(limits, measured.remains, measured);
}

/** Descriptors, and calls by method; empty if nothing is left. */
export function leftOver({ descriptors, running }: Remains): string {
  const calls = Object.entries(running).map(([method, count]) => `${count} ${method}`);
  return [...(descriptors > 0 ? [`${descriptors} descriptors`] : []), ...calls].join(", ");
}

/** Milliseconds of each round. */
export function latenciesByRound({ latencyOf }: Limits, { attacked, control }: Measured) {
  const of = (rounds: readonly Calls[]) => rounds.map((round) => latencyOfRound(round, latencyOf));
  return { attacked: of(attacked), control: of(control) };
}

/** The medians of the rounds. */
export function latencies(limits: Limits, measured: Measured) {
  const { attacked, control } = latenciesByRound(limits, measured);
  return { attacked: median(attacked), control: median(control) };
}

function latencyOfRound({ latencies: all }: Calls, which: Limits["latencyOf"]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return quantile(sorted, which === "p99" ? 0.99 : 1);
}

function mergedFailures(rounds: readonly Calls[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const { failures } of rounds) {
    for (const [outcome, count] of Object.entries(failures)) merged[outcome] = (merged[outcome] ?? 0) + count;
  }
  return merged;
}

const shown = (value: number) => (Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en-US"));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
