// node --import tsx soak/run.ts [--seconds 180] [--seed 1]: mixed load, and what is left of it. docs/testing.md
// explains what is checked. `--faults` makes mistakes in the server, for the test of this program.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { Failures } from "./failures.ts";
import { type Growth, growthOf } from "./growth.ts";
import { jobs } from "./jobs/index.ts";
import { Load } from "./load.ts";
import { Random } from "./random.ts";
import { Restarts } from "./restarts.ts";
import type { Inventory } from "./server/commands.ts";
import { ServerProcess } from "./server-process.ts";

/** Load between two samples of memory. A run has at least twelve. */
const ROUND_MS = 1_000;
const LEAST_ROUNDS = 12;
/** The longest that is spent before the first sample: the engine compiles, pools and caches fill. */
const WARM_UP_MS = 20_000;
/** Growth counts from the end of the first minute, or of the first third. */
const MARK_MS = 60_000;
/** Contexts that the engine's own registers and caches may still refer to. */
const LAST_CONTEXTS = 8;
/** In this time everything that is over has to be gone. */
const SETTLE_MS = 10_000;
/** Once something has not gone in time, that is known. */
const IMPATIENT_MS = 200;
/** Without calls in flight, and on a busy machine. */
const STOP_MS = 5_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "180" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    faults: { type: "string", default: "" },
  },
});
const totalMs = Number(values.seconds) * 1_000;
const failures = new Failures();
const random = new Random(Number(values.seed));
let settleMs = SETTLE_MS;

main(async () => {
  if (!(totalMs > 0)) throw new Failure("--seconds takes a number of seconds.");
  console.log(`load for ${values.seconds} s, --seed ${values.seed}`);
  const server = await ServerProcess.start(values.faults);
  try {
    await soak(server);
  } finally {
    server.kill();
  }
});

async function soak(server: ServerProcess): Promise<void> {
  const { clear, secure } = server.addresses;
  const before = await server.inventory();
  const load = new Load([clear, secure], jobs, failures, random);
  const restarts = new Restarts(server, failures, random);

  const samples: Inventory[] = [];
  const rounds = Math.max(LEAST_ROUNDS, Math.round(totalMs / ROUND_MS));
  const roundMs = totalMs / rounds;
  const warmUpRounds = Math.round(Math.min(WARM_UP_MS, totalMs / 3) / roundMs);
  for (let round = -warmUpRounds; round < rounds && !failures.areMany; round += 1) {
    await Promise.all([load.run(roundMs), restarts.run(roundMs)]);
    const held = await restOf(server);
    if (round >= 0) samples.push(held);
    load.renew();
  }
  load.close();
  const left = await restOf(server, before.descriptors);
  if (left.descriptors > before.descriptors) {
    failures.add(`${left.descriptors} descriptors are open in the server, ${before.descriptors} were before`);
  }
  const { ms } = await server.end();
  if (ms > STOP_MS) failures.add(`stop() took ${Math.round(ms)} ms with no call in flight: calls are in the server`);
  for (const line of (await server.inventory()).log) failures.add(`in the log: ${line}`);

  const mark = totalMs > MARK_MS * 1.5 ? MARK_MS / totalMs : 1 / 3;
  const kinds = { RSS: "rss", heap: "heap", "array buffers": "arrayBuffers" } as const;
  const growths = Object.entries(kinds).map(([name, key]) => {
    const bytes = samples.map((sample) => sample[key]);
    return growthOf(name, bytes, mark);
  });
  report(load, restarts, growths);
}

/** What the server holds once everything that is over has gone, or what has not gone in time: that is a failure. */
async function restOf(server: ServerProcess, descriptors = Infinity): Promise<Inventory> {
  const until = performance.now() + settleMs;
  for (;;) {
    const held = await server.inventory();
    const isLeft = held.handlers.length > 0 || held.contexts > LAST_CONTEXTS;
    if (!isLeft && held.descriptors <= descriptors) return held;
    if (performance.now() > until) {
      settleMs = IMPATIENT_MS;
      for (const handler of held.handlers) failures.add(`with no call in flight a handler runs: ${handler}`);
      if (isLeft && held.handlers.length === 0)
        failures.add(`${held.contexts} contexts are held, with no handler running`);
      return held;
    }
    // A cancelled call ends in the server a moment after it has ended in its client.
    await sleep(20);
  }
}

function report(load: Load, restarts: Restarts, growths: readonly Growth[]): void {
  const counts = [...load.done].map(([name, times]) => `${times} × ${name}`);
  console.log(`\n${counts.join(", ")}, ${restarts.lives} × a server started and stopped\n`);
  for (const { line, isTooLarge } of growths) {
    console.log(line);
    if (isTooLarge) failures.add(`memory has grown: ${line}`);
  }
  for (const line of failures.repeated) console.log(line);
  const total = [...load.done.values()].reduce((sum, times) => sum + times, 0) + restarts.lives;
  console.log(`\n${total} pieces of load, ${failures.count} unexpected`);
  if (failures.count > 0) process.exitCode = 1;
}
