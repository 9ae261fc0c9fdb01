// node --import tsx attack/run.ts [options]: the attacks, one by one. The options are in attack/README.md.
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { attacks } from "./attacks/index.ts";
import { experiments } from "./experiments.ts";
import type { Company } from "./measure.ts";
import { Program } from "./program.ts";
import { heading, line, summary, type Verdict } from "./report.ts";
import { buildServer, Decoys } from "./servers.ts";
import { type Subject, trialSubject } from "./subject.ts";
import { trialOf } from "./trial.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    experiments: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    only: { type: "string" },
    json: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
  },
});

/** Three rounds have a median that is not the first one's: code that is not compiled yet is slow. */
const lengths = {
  rounds: Number(options.rounds ?? (options.quick ? 3 : 5)),
  seconds: Number(options.seconds ?? (options.quick ? 0.2 : 1)),
  seed: Number(options.seed ?? randomInt(2 ** 31)),
};

/** A short round has too few calls for a p99, so that only what is far too slow counts. */
const quickLimits = { latencyExtraMs: 100, settleMs: 5_000 };

main(async () => {
  const table = attacks.map((attack) => trialSubject(trialOf(attack, options.quick ? { limits: quickLimits } : {})));
  const subjects = chosen(options.experiments ? experiments : table);
  if (options.list) {
    for (const { name, title } of subjects) console.log(`${name.padEnd(24)} ${title}`);
    return;
  }
  const { rounds, seconds, seed } = lengths;
  console.log(`${rounds} rounds of ${seconds} s, seed ${seed}, ${conditions()}\n\n${heading}`);
  const verdicts: Verdict[] = [];
  await buildServer();
  const attacker = new Program("attack/programs/attacker.ts");
  const bystander = new Program("attack/programs/bystander.ts");
  const company = { attacker, bystander, decoys: new Decoys() };
  try {
    for (const subject of subjects) verdicts.push(await judge(subject, company));
  } finally {
    await Promise.all([attacker.end("SIGKILL"), bystander.end("SIGKILL"), company.decoys.end()]);
  }
  console.log(summary(verdicts));
  if (options.json !== undefined) {
    const rows = verdicts.map(({ figures, complaints }) => ({ ...figures, complaints }));
    writeFileSync(options.json, `${JSON.stringify({ ...lengths, rows }, null, 2)}\n`);
  }
  process.exitCode = verdicts.every(({ complaints }) => complaints.length === 0) ? 0 : 1;
});

/** On a busy machine the bystander waits for the processors, not for the server. */
function conditions(): string {
  const [load, processors] = [loadavg()[0] ?? 0, availableParallelism()];
  const text = `load ${load.toFixed(1)} on ${processors} processors`;
  return load > processors / 2 ? `${text}: latencies will say little` : text;
}

async function judge(subject: Subject, company: Company): Promise<Verdict> {
  const verdict = await subject.judge(company, lengths);
  console.log(line(verdict.cells));
  return verdict;
}

/** Those that `--only` names. */
function chosen(all: readonly Subject[]): readonly Subject[] {
  const wanted = options.only?.split(",") ?? all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !all.some((subject) => subject.name === name));
  if (unknown.length > 0) {
    throw new Failure(`there is no ${unknown.join(", ")}. There are: ${all.map(({ name }) => name).join(", ")}`);
  }
  return all.filter(({ name }) => wanted.includes(name));
}
