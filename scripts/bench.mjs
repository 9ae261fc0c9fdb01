// @ts-check
// npm run bench [-- options]: our server against its peers, in one run. Linux only: the CPU time is read from /proc.
// bench/README.md explains the options and the figures.
import { ensureProgram } from "./debian.mjs";
import { ensureNode } from "./runtime.mjs";
import { ensureBuilt, ensureInstalled, Failure, main, run } from "./setup.mjs";

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
