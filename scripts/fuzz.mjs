// @ts-check
// npm run fuzz [-- --seconds 600] [targets]: libFuzzer on the parsers of what clients send, for that time each. Without
// names all of fuzz/fuzz_targets. What it generates and what fails is in .build/fuzz. Linux, with a C++ compiler.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chooseNames } from "./chosen-names.mjs";
import { capture, cargoTarget, checkTools, Failure, main, root, run } from "./setup.mjs";

const version = "0.13.2";
const tool = join(root, ".judges", "cargo-fuzz");
const output = join(root, ".build", "fuzz");

/** No input is larger, so none may need more time or memory than this. */
const limits = ["-max_len=8192", "-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=64"];

main(async () => {
  const { values, positionals } = parseArgs({
    options: { seconds: { type: "string", default: "60" } },
    allowPositionals: true,
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Failure("--seconds takes a number of seconds.");
  const all = readdirSync(join(root, "fuzz", "fuzz_targets")).map((file) => file.replace(".rs", ""));
  const targets = chooseNames("target", all, positionals);

  await checkTools();
  await ensureCargoFuzz();
  // Coverage and sanitizers are features of unstable compilers. The stable one has them too, and this says so.
  const unstable = { RUSTC_BOOTSTRAP: "1", PATH: `${join(tool, "bin")}:${process.env["PATH"]}` };
  const build = ["fuzz", "build", "--target-dir", join(output, "target")];
  console.log("building the targets (a first build takes a few minutes)");
  await run("cargo", build, { env: unstable, timeoutMs: 1_800_000 });

  const failed = [];
  for (const target of targets) {
    console.log(`\nfuzzing ${target} for ${seconds} s`);
    if (!(await fuzz(target, seconds))) failed.push(target);
  }
  console.log(`\n${targets.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length === 0) return;
  console.log(`The failing inputs are in ${join(output, "artifacts")}. Once fixed, they belong into fuzz/corpus.`);
  process.exitCode = 1;
});

/** Installs cargo-fuzz, on first use and whenever the pinned version changes. */
async function ensureCargoFuzz() {
  const program = join(tool, "bin", "cargo-fuzz");
  if (existsSync(program) && (await capture(program, ["--version"])).stdout.includes(version)) return;
  console.log(`installing cargo-fuzz ${version} into .judges/cargo-fuzz`);
  const install = ["install", "cargo-fuzz", "--version", version, "--locked", "--quiet", "--root", tool];
  await run("cargo", install, { timeoutMs: 1_800_000 });
}

/**
 * Runs one target; false if an input failed.
 * @param {string} target
 * @param {number} seconds
 */
async function fuzz(target, seconds) {
  const [generated, artifacts] = ["corpus", "artifacts"].map((folder) => join(output, folder, target));
  for (const folder of [generated, artifacts]) mkdirSync(folder ?? "", { recursive: true });
  const [, triple = ""] = await cargoTarget();
  const program = join(output, "target", triple, "release", target);
  // New inputs go into the first folder, so that fuzz/corpus stays as it is.
  const folders = [generated ?? "", join(root, "fuzz", "corpus", target)];
  const options = [`-max_total_time=${seconds}`, `-artifact_prefix=${artifacts}/`, "-print_final_stats=1", ...limits];
  const failure = await run(program, [...options, ...folders], { timeoutMs: (seconds + 300) * 1_000 }).then(
    () => null,
    (/** @type {unknown} */ error) => error,
  );
  if (failure !== null && !(failure instanceof Failure)) throw failure;
  if (failure !== null) console.log(`error: ${failure.message}`);
  return failure === null;
}
