// One server under load: what a call of a case costs it.
import { cpuSecondsOf, rssMibOf } from "./accounting.ts";
import type { Case, ServerName } from "./case.ts";
import { checkAnswer } from "./check-answer.ts";
import { load, loadOf } from "./load.ts";
import type { ServerPool } from "./server-pool.ts";

/** What one run of load on one server gave. */
export interface Sample {
  /** User and system time of the server's process, all threads. */
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** After the load. */
  readonly rssMib: number;
}

/** How much a server works, in seconds of its CPU time. */
export interface Durations {
  /** Before a new server is measured: V8 has then compiled what it will. */
  readonly warmUp: number;
  /** Before one is measured that is warm from another case. */
  readonly warmUpAgain: number;
  readonly measured: number;
}

/**
 * Checks a server's answer, warms it up and loads it.
 * @param calls how many to measure; default: as many as take the time, of which the warm-up gives a notion
 */
export function measure(
  pool: ServerPool,
  name: ServerName,
  subject: Case,
  durations: Durations,
  calls?: number,
): Promise<Sample> {
  return pool.use(name, subject.variant, async ({ url, pid }, isWarm) => {
    const loaded = async (count: number) => {
      const before = cpuSecondsOf(pid);
      const result = await load(url, subject, count);
      return { ...result, cpuSeconds: cpuSecondsOf(pid) - before };
    };
    await checkAnswer(url, subject);
    const callsPerCpuSecond = await warmUp(loaded, subject, isWarm ? durations.warmUpAgain : durations.warmUp);
    const measured = calls ?? Math.max(inFlight(subject), Math.ceil(callsPerCpuSecond * durations.measured));
    const { cpuSeconds, callsPerSecond, p50Us, p99Us } = await loaded(measured);
    return { cpuUsPerCall: (cpuSeconds / measured) * 1e6, callsPerSecond, p50Us, p99Us, rssMib: rssMibOf(pid) };
  });
}

/**
 * Loads more and more until the server has worked so long. Gives the calls that it answers in a second of its CPU time.
 */
async function warmUp(
  loaded: (calls: number) => Promise<{ cpuSeconds: number }>,
  subject: Case,
  seconds: number,
): Promise<number> {
  let [calls, spent, longest, callsPerCpuSecond] = [inFlight(subject), 0, 0, 0];
  while (spent < seconds) {
    const { cpuSeconds } = await loaded(calls);
    spent += cpuSeconds;
    if (cpuSeconds >= longest) [longest, callsPerCpuSecond] = [cpuSeconds, calls / cpuSeconds];
    // A little more than is left: a warmer server is faster. Four times as many at most: a short load is a vague
    // notion.
    const left = Math.ceil(1.2 * callsPerCpuSecond * (seconds - spent));
    calls = Math.max(inFlight(subject), Math.min(4 * calls, left));
  }
  return callsPerCpuSecond;
}

/** The calls that are sent at one time. */
function inFlight(subject: Case): number {
  const { connections, concurrency } = loadOf(subject);
  return connections * concurrency;
}
