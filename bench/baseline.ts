// Compares the ratios of a run with recorded ones.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Failure } from "../scripts/run.mjs";
import type { Result } from "./results.ts";

/** The ratio of a server's CPU time per call to ours, by case and server. */
export type Baseline = Record<string, Record<string, number>>;

/** The fraction by which a ratio may fall. Runs on one machine differ by less. */
const tolerance = 0.15;

/** Without the codec, which is the same code on both sides. */
export function baselineOf(results: readonly Result[]): Baseline {
  const baseline: Baseline = {};
  for (const { case: name, server, ratio } of results) {
    if (ratio === null || server === "codec") continue;
    baseline[name] = { ...baseline[name], [server]: Number(ratio.median.toPrecision(3)) };
  }
  return baseline;
}

/** A line for each ratio that has fallen too far. Ratios that only one side has are ignored. */
export function fallen(recorded: Baseline, today: Baseline): string[] {
  return Object.entries(recorded).flatMap(([name, servers]) =>
    Object.entries(servers).flatMap(([server, then]) => {
      const now = today[name]?.[server];
      if (now === undefined || now >= then * (1 - tolerance)) return [];
      return [`${name}: ${server} / ours was ${then}, and is ${now}: ${Math.round((1 - now / then) * 100)} % less`];
    }),
  );
}

export function readBaseline(file: string): Baseline {
  if (!existsSync(file))
    throw new Failure(`there is no ${file} to check against. Write one: npm run bench -- --record ${file}`);
  return JSON.parse(readFileSync(file, "utf8")) as Baseline;
}

/** Keeps the recorded ratios of cases that were not measured. */
export function writeBaseline(file: string, baseline: Baseline): void {
  const recorded = existsSync(file) ? readBaseline(file) : {};
  writeFileSync(file, `${JSON.stringify({ ...recorded, ...baseline }, null, 2)}\n`);
}
