// Makes one round of an attack, at its rate.
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack } from "./attack.ts";
import { Round, SETTLE_MS } from "./round.ts";
import type { Traffic } from "./traffic.ts";

/** A round may last this many times as long as planned, on a machine that is busy. */
const PATIENCE = 4;

export interface RoundPlan {
  readonly port: number;
  /** Strikes of this round, how many begin in a second, and those of the rounds before: their indices continue. */
  readonly strikes: number;
  readonly perSecond: number;
  readonly strikesBefore: number;
  /** How long it lasts at least: what is open stays open until then. */
  readonly ms: number;
  /** Of random mutations. */
  readonly seed: number;
}

/** Makes the strikes of one round at the rate of the attack, and ends what they opened. */
export async function runRound(attack: Attack, plan: RoundPlan): Promise<Traffic> {
  const round = new Round(plan.port, plan.seed);
  const failures: string[] = [];
  const start = performance.now();
  const every = 1_000 / plan.perSecond;
  const limit = start + PATIENCE * Math.max(plan.ms, plan.strikes * every) + SETTLE_MS;
  const strikes: Promise<void>[] = [];
  let made = 0;
  for (; made < plan.strikes && performance.now() < limit; made += 1) {
    await until(start + made * every);
    const strike = attack.strike(round, plan.strikesBefore + made);
    strikes.push(strike.catch((error: unknown) => void failures.push(String(error))));
  }
  const patience = new AbortController();
  const late = sleep(limit - performance.now(), "late", { signal: patience.signal }).catch(() => "in time");
  if ((await Promise.race([Promise.all(strikes), late])) === "late") failures.push("strikes did not end in time");
  patience.abort();
  await until(start + plan.ms);
  round.end();
  return round.traffic(plan.strikes, made, failures);
}

/** Keeps the rate. Sockets have their turn also when it is late, without the millisecond that a timer takes. */
function until(due: number): Promise<void> {
  const ms = due - performance.now();
  return ms > 1 ? sleep(ms) : new Promise(setImmediate);
}
