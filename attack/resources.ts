// Memory and descriptors of a process, from /proc.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rssMibOf } from "../bench/accounting.ts";

export interface Resources {
  readonly rssMib: number;
  readonly descriptors: number;
}

export function resourcesOf(pid: number): Resources {
  return { rssMib: rssMibOf(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

/** Makes `peakMibOf` forget what was before: see `clear_refs` in proc(5). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The largest RSS so far: `VmHWM` of proc_pid_status(5). The kernel keeps it, so no peak is between two looks. */
export function peakMibOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}
