// @ts-check
// npm run bench [-- options]: our server against its peers, in one run. Linux only: the CPU time is read from /proc.
// bench/README.md explains the options and the figures.
import { ensureNode } from "./runtime.mjs";
import { capture, ensureBuilt, ensureInstalled, Failure, main, run } from "./setup.mjs";

main(async () => {
  const options = process.argv.slice(2);
  if (options.includes("--pages")) {
    await ensureInstalled();
    return run(process.execPath, ["--import", "tsx", "bench/pages.ts"]);
  }
  if (process.platform !== "linux") throw new Failure("the benchmarks read /proc, so they run on Linux only.");
  const engine = engineOf(options);
  await ensureProgram("taskset", "util-linux");
  await ensureProgram("h2load", "nghttp2-client");
  await ensureBuilt();
  const node = engine === undefined ? process.execPath : await ensureNode(engine);
  // A million calls of the slowest peer alone take minutes.
  await run(node, ["--import", "tsx", "bench/run.ts", ...options], { timeoutMs: 7_200_000 });
});

/**
 * The major version of `--engine 24`, if measured on another Node than the one that runs this script.
 * @param {string[]} options
 */
function engineOf(options) {
  const at = options.indexOf("--engine");
  if (at < 0) return undefined;
  const engine = options[at + 1] ?? "";
  if (!/^\d+$/.test(engine)) throw new Failure("--engine takes a major version of Node, like 24.");
  return engine;
}

/**
 * Installs a system program if it is missing, when run as root on a system with apt-get.
 * @param {string} program
 * @param {string} debian the package that contains it
 */
async function ensureProgram(program, debian) {
  if (await isThere(program)) return;
  const byHand = new Failure(`${program} is missing. Install it: apt-get install ${debian}`);
  if (process.getuid?.() !== 0 || !(await isThere("apt-get"))) throw byHand;
  console.log(`installing ${debian}, for ${program}`);
  const install = () => capture("apt-get", ["install", "--yes", "--no-install-recommends", debian]);
  // A fresh system has no package lists yet.
  const { code } = await install();
  if (code !== 0) await capture("apt-get", ["update"]);
  if (code !== 0 && (await install()).code !== 0) throw byHand;
}

/** @param {string} program */
async function isThere(program) {
  const found = await capture(program, ["--version"]).catch(() => null);
  return found !== null;
}
