// Load by h2load, on its own core: the duration, and the latency of each call.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, Failure } from "../scripts/run.mjs";
import type { Case } from "./case.ts";
import { quantile } from "./statistics.ts";
import { bodyOf, headersOf, pathOf } from "./wire.ts";

/** The server has core 0. */
const loadCore = ["-c", "1"];

export interface LoadResult {
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/**
 * Sends a case's call `calls` times. Rejects unless every response is a 200.
 *
 * A number, not a duration: calls that h2load aborts at the end of a duration cost time, but are not counted.
 */
export async function load(url: string, subject: Case, calls: number): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "connectum-bench-"));
  try {
    const [body, log] = [join(folder, "body"), join(folder, "log")];
    writeFileSync(body, bodyOf(subject));
    const args = [...loadCore, "h2load", ...argumentsFor(subject, calls), "-d", body, `--log-file=${log}`];
    // A million calls of the slowest peer take a quarter of an hour on a busy machine.
    const limits = { timeoutMs: 1_800_000 };
    const { stdout, stderr } = await capture("taskset", [...args, `${url}${pathOf(subject)}`], limits);
    return resultOf(stdout + stderr, readFileSync(log, "latin1"), calls);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function argumentsFor(subject: Case, calls: number): string[] {
  const { connections, concurrency } = loadOf(subject);
  const headers = Object.entries(headersOf(subject)).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const http1 = subject.variant === "http1" ? ["--h1"] : [];
  return ["-n", `${calls}`, ...http1, "-t", "1", "-c", `${connections}`, "-m", `${concurrency}`, ...headers];
}

export function loadOf({ load = { connections: 4, concurrency: 16 } }: Case) {
  return load;
}

/** The log has a line per call: start, HTTP status, microseconds. */
function resultOf(output: string, log: string, calls: number): LoadResult {
  const lines = log.trimEnd().split("\n");
  const entries = lines.map((line) => line.split("\t").map(Number));
  const answered = entries.filter(([, status]) => status === 200).length;
  if (answered !== calls) throw new Failure(`h2load: ${answered} of ${calls} calls were answered with 200.\n${output}`);
  const began = entries.map(([start = Number.NaN]) => start);
  const ended = entries.map(([start = Number.NaN, , took = Number.NaN]) => start + took);
  const latencies = entries.map(([, , took = Number.NaN]) => took).sort((a, b) => a - b);
  return {
    callsPerSecond: (calls / (ended.reduce(later) - began.reduce(earlier))) * 1e6,
    p50Us: quantile(latencies, 0.5),
    p99Us: quantile(latencies, 0.99),
  };
}

/** `Math.min` does not take a million arguments. */
function earlier(one: number, other: number): number {
  return Math.min(one, other);
}

function later(one: number, other: number): number {
  return Math.max(one, other);
}
