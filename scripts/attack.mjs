// @ts-check
// npm run attack [-- options]: what hostile clients cost a server, over the loopback interface. Linux only: memory and
// descriptors are read from /proc. attack/README.md explains the options and the checks.
import { ensureBuilt, Failure, main, run } from "./setup.mjs";

main(async () => {
  if (process.platform !== "linux") throw new Failure("the attacks read /proc, so they run on Linux only.");
  await ensureBuilt();
  const args = ["--import", "tsx", "attack/run.ts", ...process.argv.slice(2)];
  // Every attack that fails adds half a minute, in which its server is given time.
  await run(process.execPath, args, { timeoutMs: 3_600_000 });
});
