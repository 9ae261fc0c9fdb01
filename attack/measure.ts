// Runs a trial: rounds of attack and control in turns, then a look at what remains, then the end of the server.
import { setTimeout as sleep } from "node:timers/promises";
import { fillBudget } from "./budget.ts";
import type { Measured, Remains } from "./measured.ts";
import type { Program } from "./program.ts";
import type { Calls } from "./programs/bystander.ts";
import type { ServerFigures } from "./programs/server.ts";
import { forgetPeak, peakMibOf, type Resources, resourcesOf } from "./resources.ts";
import type { RoundPlan } from "./run-round.ts";
import { type AttackedServer, type Decoys, isSecure, startServer } from "./servers.ts";
import { sumOf, type Traffic } from "./traffic.ts";
import { isChecked, type Trial } from "./trial.ts";

/** The programs that all trials share. */
export interface Company {
  readonly attacker: Program;
  readonly bystander: Program;
  readonly decoys: Decoys;
}

export interface Lengths {
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Calls of the bystander in a second. */
const BYSTANDER_RATE = 200;
/** For the server to compile what these calls run; at most as long as a round. */
const WARM_UP_MS = 400;
/** For the server to clear away what a round has left, so that it does not burden the next one. */
const BETWEEN_ROUNDS_MS = 50;
/** Each look has the server collect its garbage. */
const LOOK_EVERY_MS = 100;

/** Rejects only for reasons that are not the server's. */
export async function measure(trial: Trial, company: Company, lengths: Lengths): Promise<Measured> {
  const { attacker, bystander, decoys } = company;
  const [server, decoy] = await Promise.all([startServer(trial), decoys.of(trial)]);
  try {
    await attacker.ask("prepare", trial.attack.name);
    await bystander.ask("connect", { port: server.port, secure: isSecure(trial) });
    await bystander.ask("begin", BYSTANDER_RATE);
    await sleep(Math.min(WARM_UP_MS, 1_000 * lengths.seconds));
    await bystander.ask("end");
    await server.program.ask("figures");
    const before = resourcesOf(server.program.pid);
    forgetPeak(server.program.pid);

    const rounds: { readonly traffic: Traffic; readonly attacked: Calls; readonly control: Calls }[] = [];
    for (let round = 0; round < lengths.rounds; round += 1) {
      const plan = planOf(trial, lengths, round);
      const control = await runRound(trial, company, { ...plan, port: decoy.port });
      const attack = await runRound(trial, company, { ...plan, port: server.port });
      rounds.push({ traffic: attack.traffic, attacked: attack.calls, control: control.calls });
      if (server.program.exit !== undefined) break;
    }
    // A server that has ended does not answer.
    const lives = await server.program.ask("figures").then(
      () => true,
      () => false,
    );
    const remains = lives ? await remainsOf(trial, server, before, bystander) : undefined;
    return {
      traffic: sumOf(rounds.map(({ traffic }) => traffic)),
      attacked: rounds.map(({ attacked }) => attacked),
      control: rounds.map(({ control }) => control),
      ...(remains && { remains }),
      exit: await server.program.end("SIGKILL"),
    };
  } finally {
    await bystander.ask("disconnect");
    await server.program.end("SIGKILL");
  }
}

/** As many strikes as begin while a round lasts, at most those of the attack. */
function planOf({ attack }: Trial, { seconds, seed }: Lengths, round: number): Omit<RoundPlan, "port"> {
  const strikes = Math.min(attack.strikes, Math.ceil(attack.perSecond * seconds));
  return { strikes, perSecond: attack.perSecond, strikesBefore: round * strikes, ms: seconds * 1_000, seed };
}

/** The bystander always calls the same server, whichever is attacked. */
async function runRound({ attack }: Trial, { attacker, bystander }: Company, plan: RoundPlan) {
  await bystander.ask("begin", BYSTANDER_RATE);
  const traffic = await attacker.ask<Traffic>("attack", { name: attack.name, plan });
  const calls = await bystander.ask<Calls>("end");
  await sleep(BETWEEN_ROUNDS_MS);
  return { traffic, calls };
}

async function remainsOf(
  trial: Trial,
  { program, port }: AttackedServer,
  before: Resources,
  bystander: Program,
): Promise<Remains> {
  const peakMib = peakMibOf(program.pid) - before.rssMib;
  // An allocator gives memory back while it works: a server that nobody calls would keep it.
  await bystander.ask("begin", BYSTANDER_RATE);
  const settled = await settle(trial, program, before);
  await bystander.ask("end");
  const refill = isChecked(trial, "budget") ? await refilled(trial, port) : [];
  await bystander.ask("disconnect");
  const start = performance.now();
  await program.end("SIGTERM");
  return { peakMib, ...settled, refill, stopMs: performance.now() - start };
}

/** What abandoned calls still work on is given back when it is done. */
async function refilled(trial: Trial, port: number): Promise<readonly string[]> {
  const start = performance.now();
  for (;;) {
    const statuses = await fillBudget(port, isSecure(trial));
    const isWhole = statuses.every((status) => status === "0");
    if (isWhole || performance.now() - start > trial.limits.settleMs) return statuses;
    await sleep(LOOK_EVERY_MS); // Each try costs the server time.
  }
}

/** Looks until everything has been given back, or the time for it is over. */
async function settle(trial: Trial, program: Program, before: Resources) {
  const { afterMib: mostMib, settleMs: mostMs } = trial.limits;
  const isPatient = isChecked(trial, "after") || isChecked(trial, "left");
  const start = performance.now();
  for (;;) {
    const figures = await program.ask<ServerFigures>("figures");
    const now = resourcesOf(program.pid);
    const settleMs = performance.now() - start;
    const [afterMib, descriptors] = [now.rssMib - before.rssMib, now.descriptors - before.descriptors];
    const isClear = afterMib <= mostMib && descriptors <= 0 && Object.keys(figures.running).length === 0;
    if (isClear || !isPatient || settleMs > mostMs) return { ...figures, afterMib, descriptors, settleMs };
    await sleep(LOOK_EVERY_MS); // A look costs the server time.
  }
}
