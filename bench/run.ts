// node --import tsx bench/run.ts [options]: every case, every server, in turns. The options are in bench/README.md.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { baselineOf, fallen, readBaseline, writeBaseline } from "./baseline.ts";
import type { Case, ServerName } from "./case.ts";
import { cases } from "./cases/index.ts";
import { measureCodec } from "./codec.ts";
import { handshakes, measureHandshakes } from "./handshakes.ts";
import { inProcess, measureInProcess } from "./in-process.ts";
import { interceptors, measureInterceptors } from "./interceptors.ts";
import { measure, type Sample } from "./measure.ts";
import { measureMemory, memory } from "./memory.ts";
import { saveRun } from "./pages.ts";
import { conditionsOf, tableOf, titleOf, verdictOf } from "./report.ts";
import { byCpuTime, type Comparison, codecResult, type Result, resultsOf, rowOf } from "./results.ts";
import { ServerPool } from "./server-pool.ts";
import { buildServers, compareWith, engine, type RustProgram, versions } from "./servers.ts";
import { measureStartup, startup } from "./startup.ts";
import { measureTelemetry, telemetry } from "./telemetry.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string" },
    without: { type: "string", default: "" },
    json: { type: "string" },
    check: { type: "string" },
    record: { type: "string" },
    engine: { type: "string" },
    profile: { type: "string", default: "dist" },
    against: { type: "string" },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const seconds = Number(options.seconds ?? (options.quick ? 0.3 : 2));
const durations = { warmUp: options.quick ? 1.5 : 2, warmUpAgain: 0.3, measured: seconds };
/** A quick run reuses its servers; it would spend most of its time warming up otherwise. */
const pool = new ServerPool(options.quick);
/** Whether the run is long and complete enough for its figures to be published. */
const isWhole =
  !options.quick &&
  options.only === undefined &&
  options.without === "" &&
  options.against === undefined &&
  options.profile === "dist";

const results: Result[] = [];
const conditions = () => ({ versions: versions(), machine: cpus()[0]?.model, rounds, seconds });

main(async () => {
  // Before any long step, so that an unknown name fails at once.
  const wanted = names();
  if (options.quick && (options.check ?? options.record) !== undefined) {
    throw new Failure(
      "--quick is too rough for --check and --record. Choose cases instead: --only grpc-unary,server-stream",
    );
  }
  if (options.against !== undefined) compareWith(options.against);
  const recorded = options.check === undefined ? {} : readBaseline(options.check);
  await buildServers(options.profile, programsFor(wanted));
  console.log(`${conditionsOf(conditions())}\n`);

  for (const subject of cases.filter(({ name }) => wanted.has(name))) await runCase(subject);
  for (const subject of handshakes.filter(({ name }) => wanted.has(name))) {
    await compare(subject, rounds, (server) => measureHandshakes(pool, server, subject, durations));
  }
  await pool.end();
  if (wanted.has(interceptors.name)) {
    report(interceptors.title, await measureInterceptors(rounds, durations), interceptors.unit);
  }
  if (wanted.has(telemetry.name)) report(telemetry.title, await measureTelemetry(rounds, durations), telemetry.unit);
  if (wanted.has(inProcess.name)) await compare(inProcess, rounds, (server) => measureInProcess(server, seconds));
  if (wanted.has(startup.name)) await compare(startup, rounds, measureStartup);
  // Once, since a million calls of a slow peer take minutes.
  if (wanted.has(memory.name)) await compare(memory, 1, (server) => measureMemory(server, durations));

  console.log(verdictOf(results));
  save();
  check(recorded);
});

async function runCase(subject: Case): Promise<void> {
  const samples = await inTurns(["connectum", ...rivalsOf(subject)], rounds, (server) =>
    measure(pool, server, subject, durations),
  );
  const measured = resultsOf(byCpuTime(subject), samples);
  const codec = await measureCodec(subject, durations.measured);
  const [ours] = measured;
  if (ours !== undefined) measured.push(codecResult(subject, codec, ours.cpu_us_per_call));
  report(titleOf(subject), measured);
}

/** The servers of a case besides ours. */
function rivalsOf(subject: Case): readonly ServerName[] {
  return options.against === undefined ? subject.peers : ["before"];
}

/** A case that has no file in `cases/`. */
type Compared = Comparison & { readonly title: string; readonly unit: string; readonly servers: readonly ServerName[] };

async function compare(
  comparison: Compared,
  times: number,
  take: (server: ServerName) => Promise<Sample>,
): Promise<void> {
  const samples = await inTurns(comparison.servers, times, take);
  report(comparison.title, resultsOf(comparison, samples), comparison.unit);
}

/** In turns, so that other load on the machine affects all of them alike. */
async function inTurns(servers: readonly ServerName[], times: number, take: (server: ServerName) => Promise<Sample>) {
  const samples = new Map<ServerName, Sample[]>(servers.map((server) => [server, []]));
  for (let round = 0; round < times; round++) {
    for (const [server, taken] of samples) taken.push(await take(server));
  }
  return samples;
}

function report(title: string, measured: readonly Result[], unit?: string): void {
  console.log(`### ${title}\n\n${tableOf(measured, unit)}\n`);
  results.push(...measured);
}

function save(): void {
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results.map(rowOf), null, 2)}\n`);
  if (options.record !== undefined) writeBaseline(options.record, baselineOf(results));
  if (isWhole) saveRun(engine, { date: new Date().toISOString().slice(0, 10), ...conditions(), rows: results });
}

function check(recorded: Parameters<typeof fallen>[0]): void {
  const complaints = fallen(recorded, baselineOf(results));
  const slower = results.filter(({ server, target }) => server === "before" && target?.met === false);
  complaints.push(...slower.map(({ case: name, target }) => `${name}: ${target?.text}, and it is ${target?.value}`));
  if (complaints.length > 0)
    throw new Failure(`the ratios of ${options.check ?? options.against} are not reached:\n${complaints.join("\n")}`);
}

/**
 * The selected cases, without the excluded ones. A quick run omits those that take minutes, unless they are named.
 */
function names(): Set<string> {
  const long = [interceptors.name, telemetry.name, memory.name];
  const all = [...[...cases, ...handshakes].map(({ name }) => name), inProcess.name, startup.name, ...long];
  const wanted = options.only?.split(",") ?? (options.quick ? all.filter((name) => !long.includes(name)) : all);
  const unwanted = options.without.split(",").filter((name) => name !== "");
  const unknown = [...wanted, ...unwanted].filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Failure(`there is no case ${unknown.join(", ")}. There are: ${all.join(", ")}`);
  return new Set(wanted.filter((name) => !unwanted.includes(name)));
}

/** The programs in Rust that these need, which take long to build. */
function programsFor(wanted: ReadonlySet<string>): RustProgram[] {
  const comparisons = [...cases.map(({ name, peers }) => ({ name, servers: peers })), startup, memory];
  const isCompared = comparisons.some(({ name, servers }) => wanted.has(name) && servers.includes("limit"));
  const programs: RustProgram[] = isCompared && options.against === undefined ? ["limit"] : [];
  if (handshakes.some(({ name }) => wanted.has(name))) programs.push("handshakes");
  return programs;
}
