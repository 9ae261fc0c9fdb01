// One server under load: its throughput, and the CPU time it took for it.
import { readFileSync } from "node:fs";
import { capture, Failure } from "../scripts/run.mjs";
import { startServer } from "../scripts/server-process.mjs";
import type { Case } from "./case.ts";

/** What one run of load on one server gave. */
export interface Sample {
  readonly calls: number;
  /** User and system time of the server's process, all threads. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** The server has one core for itself, h2load has the other: what they take from each other is not the subject. */
const serverCore = ["taskset", "-c", "0"];
const loadCore = ["-c", "1", "h2load"];

/**
 * Starts a peer, checks that it answers rightly, warms it up for a second and loads it.
 * @param seconds how long the load lasts
 */
export async function measure(peer: string, { check, load, path }: Case, body: string, seconds: number) {
  const server = await startServer(`bench/peers/${peer}.ts`, [], serverCore);
  const put = (duration: number) =>
    capture("taskset", [...loadCore, "-D", `${duration}`, ...load, "-d", body, `${server.url}${path}`]);
  try {
    await check(server.url);
    await put(1);
    const before = cpuSecondsOf(server.pid);
    const { stdout } = await put(seconds);
    const cpuSeconds = cpuSecondsOf(server.pid) - before;
    await check(server.url);
    return { ...outcomeOf(stdout, peer), cpuSeconds } satisfies Sample;
  } finally {
    await server.stop();
  }
}

function outcomeOf(output: string, peer: string) {
  const requests = /(\d+) done, (\d+) succeeded/.exec(output);
  const [done, succeeded] = requests?.slice(1).map(Number) ?? [];
  const wallSeconds = Number(/finished in ([\d.]+)s/.exec(output)?.[1]);
  if (!done || done !== succeeded) throw new Failure(`h2load against ${peer}: not every call succeeded.\n${output}`);
  return { calls: done, wallSeconds };
}

/** Fields 14 and 15 of proc_pid_stat(5), in ticks of which Linux has 100 a second. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
