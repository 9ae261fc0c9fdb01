// CPU time and memory of a process, from /proc.
import { readFileSync } from "node:fs";

/**
 * User and system time of all threads, including those that have ended: fields 14 and 15 of proc_pid_stat(5), in ticks
 * of 10 ms.
 */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory: `VmRSS` of proc_pid_status(5). */
export function rssMibOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}
