// Experiments: single attacks, stronger or against servers with other options, with limits of their own.
import type { Attack } from "./attack.ts";
import { allAttacks } from "./attacks/index.ts";
import { MIB } from "./calls.ts";
import { programSubject, type Subject, trialSubject } from "./subject.ts";
import { type TrialChanges, trialOf } from "./trial.ts";

interface Experiment extends TrialChanges {
  readonly name: string;
  /** The attack that is made. */
  readonly attack: string;
  readonly checks: readonly string[];
}

const smallBudget = { maxBufferedBytes: 4 * MIB };

const trials: readonly Experiment[] = [
  {
    name: "one-large-window",
    title: "one message of 256 MiB as brotli, with a window of 1 GiB: RSS stays within 32 MiB",
    attack: "brotli-large-window",
    strikes: 1,
    limits: { peakMib: 32 },
    checks: ["happened", "lives", "peak"],
  },
  {
    name: "brotli-beside-others",
    title: "200 messages of 16 MiB as brotli: the slowest call of another client is at most 20 ms slower",
    attack: "brotli",
    strikes: 200,
    perSecond: 200,
    limits: { latencyOf: "slowest", latencyFactor: 1, latencyExtraMs: 20 },
    checks: ["happened", "lives", "latency"],
  },
  {
    name: "http1-clients-gone",
    title: "HTTP/1.1 clients that vanish, a byte behind the request: after a second no descriptor is left",
    attack: "vanish-http1-unread",
    strikes: 300,
    perSecond: 300,
    limits: { settleMs: 1_000 },
    checks: ["happened", "lives", "left"],
  },
  ...["unary", "streaming"].map((kind) => ({
    name: `heads-${kind}`,
    title: `4,100 ${kind} calls with large heads on one connection, default budget: RSS stays within 96 MiB`,
    attack: `large-heads-${kind}-of-one-connection`,
    strikes: 1,
    options: { maxBufferedBytes: 512 * MIB },
    limits: { peakMib: 96 },
    checks: ["happened", "lives", "peak"],
  })),
  ...["unread-answers", "unread-answers-gzip"].map((attack) => ({
    name: `${attack}-4-mib`,
    title: "200 responses of 1 MiB that nobody reads, of 4 MiB allowed: others are served, RSS stays within 32 MiB",
    attack,
    options: smallBudget,
    limits: { peakMib: 32 },
    checks: ["happened", "lives", "peak", "others"],
  })),
  {
    name: "standing-2100",
    title: "2,100 streams that stand, with the default budget: others are served",
    attack: "standing-streams",
    strikes: 42,
    perSecond: 80,
    options: { maxBufferedBytes: 512 * MIB },
    checks: ["happened", "lives", "others"],
  },
  {
    name: "message-of-400-mib",
    title: "400 MiB as gzip, accepted by a server with an old space of 128 MiB: the process does not end",
    attack: "gzip-400-mib",
    options: { readMaxBytes: 512 * MIB, maxBufferedBytes: 4096 * MIB },
    flags: ["--max-old-space-size=128"],
    checks: ["happened", "lives"],
  },
];

const programs = [
  { name: "finished-calls", title: "100 responses of 2 MiB behind an interceptor: 16 MiB are kept at most" },
  { name: "failed-starts", title: "300 servers that cannot listen: 16 MiB are kept at most" },
  { name: "terminated-workers", title: "20 workers, each ended with 1,000 calls: 16 MiB are kept at most" },
];

export const experiments: readonly Subject[] = [
  ...trials.map(({ attack, ...changes }) => trialSubject(trialOf(attackOf(attack), changes))),
  ...programs.map((program) => programSubject({ ...program, mostMib: 16 })),
];

function attackOf(name: string): Attack {
  const found = allAttacks.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no attack ${name}`);
  return found;
}
