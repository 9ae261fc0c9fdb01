// One server under load: the cost of a call of a case.
import { cpuSecondsOf, rssMibOf } from "./accounting.ts";
import type { Case, ServerName } from "./case.ts";
import { checkAnswer } from "./check-answer.ts";
import { load, loadOf } from "./load.ts";
import type { ServerPool } from "./server-pool.ts";
import { warmUp } from "./warm-up.ts";

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
    const least = inFlight(subject);
    const callsPerCpuSecond = await warmUp(loaded, least, isWarm ? durations.warmUpAgain : durations.warmUp);
    const measured = calls ?? Math.max(least, Math.ceil(callsPerCpuSecond * durations.measured));
    const { cpuSeconds, callsPerSecond, p50Us, p99Us } = await loaded(measured);
    return { cpuUsPerCall: (cpuSeconds / measured) * 1e6, callsPerSecond, p50Us, p99Us, rssMib: rssMibOf(pid) };
  });
}

/** The number of concurrent calls. */
function inFlight(subject: Case): number {
  const { connections, concurrency } = loadOf(subject);
  return connections * concurrency;
}
