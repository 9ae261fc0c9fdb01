// @ts-check
// npm run examples [-- runtimes]: every program of examples/ on every runtime, from this workspace. Runtimes are
// node-18 to node-26, bun and deno; without arguments all of them. Prints runtime by program, and fails on any gap.
import { ALERT, faultOf, GOAWAY, PROGRAMS } from "./example-programs.mjs";
import { chosenRuntimes, provide } from "./runtime.mjs";
import { ensureBuilt, Failure, main, root } from "./setup.mjs";

main(async () => {
  const chosen = chosenRuntimes(process.argv.slice(2));
  await ensureBuilt();
  let failed = 0;
  for (const name of chosen) {
    const runtime = await provide(name);
    for (const program of PROGRAMS) {
      const fault = await faultOf(runtime, program, root);
      if (fault !== undefined) failed += 1;
      console.log(`${runtime.name.padEnd(8)} ${program.name.padEnd(24)} ${fault ?? "ok"}`);
    }
    if (runtime.name === "Deno") console.log(`known: ${GOAWAY}; ${ALERT}`);
  }
  if (failed > 0) throw new Failure(`${failed} programs failed.`);
  console.log("every program ran on every runtime");
});
