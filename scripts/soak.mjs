// @ts-check
// npm run soak [-- --seconds 60]: mixed load against a server in a process of its own, three minutes by default. Fails
// for every unexpected answer, and for everything that is left: memory, descriptors, handlers, calls. Linux only.
import { ensureBuilt, Failure, main, run } from "./setup.mjs";

main(async () => {
  if (process.platform !== "linux") throw new Failure("the soak reads /proc, so it runs on Linux only.");
  await ensureBuilt();
  await run(process.execPath, ["--import", "tsx", "soak/run.ts", ...process.argv.slice(2)], { timeoutMs: 3_600_000 });
});
