// node --import tsx bench/run.ts [--seconds N] [--rounds N] [--save]: every case, every peer, in turns.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/run.mjs";
import type { Case } from "./case.ts";
import grpcUnary from "./cases/grpc-unary.ts";
import { measure, type Sample } from "./peer.ts";

const cases: readonly Case[] = [grpcUnary];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    save: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), "connectum-bench-"));
try {
  for (const one of cases) await run(one);
} finally {
  rmSync(folder, { recursive: true });
}

async function run(subject: Case): Promise<void> {
  console.log(`${subject.title}: ${rounds} rounds of ${seconds} s each, medians`);
  const body = join(folder, "body");
  writeFileSync(body, subject.body);

  const samples = new Map<string, Sample[]>(subject.peers.map((peer) => [peer, []]));
  // In turns: what the machine does meanwhile reaches all of them alike.
  for (let round = 0; round < rounds; round++) {
    for (const [peer, taken] of samples) taken.push(await measure(peer, subject, body, seconds));
  }
  const results = [...samples].map(([peer, taken]) => ({ peer, ...summary(taken) }));
  const [ours] = results;
  if (ours === undefined) return;

  console.table(
    Object.fromEntries(
      results.map(({ peer, callsPerCpuSecond, cpuMicroseconds, callsPerSecond }) => [
        peer,
        {
          "CPU µs a call": cpuMicroseconds,
          "calls a CPU second": callsPerCpuSecond,
          "calls a second, on one core": callsPerSecond,
          "connectum is": `${(ours.callsPerCpuSecond / callsPerCpuSecond).toFixed(1)} ×`,
        },
      ]),
    ),
  );
  for (const { peer, callsPerCpuSecond } of results) {
    const floor = subject.floors[peer];
    const ratio = ours.callsPerCpuSecond / callsPerCpuSecond;
    if (floor === undefined || ratio >= floor) continue;
    console.log(`error: ${ratio.toFixed(1)} times ${peer}'s calls a CPU second; it has to be ${floor} at least.`);
    process.exitCode = 1;
  }
  if (values.save) save(subject, results);
}

function summary(samples: readonly Sample[]) {
  const callsPerCpuSecond = median(samples.map(({ calls, cpuSeconds }) => calls / cpuSeconds));
  return {
    cpuMicroseconds: Number((1e6 / callsPerCpuSecond).toFixed(1)),
    callsPerCpuSecond: Math.round(callsPerCpuSecond),
    callsPerSecond: Math.round(median(samples.map(({ calls, wallSeconds }) => calls / wallSeconds))),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

function save({ title }: Case, results: readonly object[]): void {
  const file = `bench/results/${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
  const machine = `${cpus()[0]?.model}, Node ${process.versions.node}, ${process.platform}`;
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(root, file), `${JSON.stringify({ title, date, machine, rounds, seconds, results }, null, 2)}\n`);
  console.log(`saved as ${file}`);
}
