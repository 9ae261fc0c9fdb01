// @ts-check
// npm run bench [-- --seconds N --rounds N --save]: our server against its peers, in one run. Linux only: the CPU time
// is read from /proc. What the figures mean is in bench/README.md.
import { capture, ensureBuilt, Failure, main, run } from "./setup.mjs";

main(async () => {
  if (process.platform !== "linux") throw new Failure("the benchmarks read /proc, and run on Linux only.");
  for (const [program, debian] of [
    ["h2load", "nghttp2-client"],
    ["taskset", "util-linux"],
  ]) {
    const found = await capture(String(program), ["--version"]).catch(() => null);
    if (found === null) throw new Failure(`${program} is missing. Install it: apt-get install ${debian}`);
  }
  await ensureBuilt();
  const options = process.argv.slice(2);
  await run(process.execPath, ["--import", "tsx", "bench/run.ts", ...options], { timeoutMs: 1_800_000 });
});
