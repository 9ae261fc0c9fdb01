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

/**
 * A line for each ratio of the cases that became slower. Ratios that only one side has are ignored.
 *
 * A ratio alone can fall because of the machine: on some days JavaScript is half as fast beside Rust as on others. Our
 * servers are partly JavaScript and partly Rust, so such a day lowers the ratio of `limit`, which is Rust, or those of
 * the peers in JavaScript, but not both. A slower server of ours lowers both.
 */
export function fallen(recorded: Baseline, today: Baseline): string[] {
  return Object.entries(recorded).flatMap(([name, servers]) => {
    const compared = Object.keys(servers).filter((server) => today[name]?.[server] !== undefined);
    const hasFallen = (server: string) => (today[name]?.[server] ?? 0) < (servers[server] ?? 0) * (1 - tolerance);
    const isSlower = [compared.filter(isRust), compared.filter((server) => !isRust(server))]
      .filter((kind) => kind.length > 0)
      .every((kind) => kind.some(hasFallen));
    if (!isSlower) return [];
    return compared.filter(hasFallen).map((server) => {
      const [then = 0, now = 0] = [servers[server], today[name]?.[server]];
      return `${name}: ${server} / ours was ${then}, and is ${now}: ${Math.round((1 - now / then) * 100)} % less`;
    });
  });
}

function isRust(server: string): boolean {
  return server === "limit";
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
