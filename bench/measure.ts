// One server under load: the cost of a call of a case.
import { cpuSecondsOf, rssMibOf } from "./accounting.ts";
import type { Case, ServerName } from "./case.ts";
import { checkAnswer } from "./check-answer.ts";
import { load, loadOf } from "./load.ts";
import type { ServerPool } from "./server-pool.ts";

/** The figures of one run on one server. */
export interface Sample {
  /** User and system time of the server process, all threads. */
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Measured after the load. */
  readonly rssMib: number;
}

/** Durations, in seconds of the server's CPU time. */
export interface Durations {
  /** Warm-up of a new server, until V8 has compiled the hot code. */
  readonly warmUp: number;
  /** Warm-up of a server that is warm from another case. */
  readonly warmUpAgain: number;
  readonly measured: number;
}

/**
 * Checks a server's response, warms it up and measures it.
 * @param calls default: as many as take the wanted time, estimated from the warm-up
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

/** Increases the load until the server has used this much CPU time. Returns calls per second of its CPU time. */
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
    // A little more than the remaining time, since a warmer server is faster. At most four times as many, since a short
    // run is a rough estimate.
    const wanted = Math.ceil(1.2 * callsPerCpuSecond * (seconds - spent));
    calls = Math.max(inFlight(subject), Math.min(4 * calls, wanted));
  }
  return callsPerCpuSecond;
}

/** The number of concurrent calls. */
function inFlight(subject: Case): number {
  const { connections, concurrency } = loadOf(subject);
  return connections * concurrency;
}
