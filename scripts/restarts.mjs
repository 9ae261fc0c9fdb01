// @ts-check
// npm run restarts [-- --restarts 20]: two servers share a port, and are restarted in turns under steady load by
// grpc-js, connect-node and tonic. Fails for every call that fails.
import { join } from "node:path";
import { cargoTarget, ensureBuilt, main, root, run } from "./setup.mjs";

/** The profile of `npm run build`: its dependencies are there. */
const profile = "release";

main(async () => {
  await ensureBuilt();
  console.log("building tonic's client (the first time it takes a minute)");
  const example = ["--example", "restarts-tonic", "--profile", profile];
  const [, triple = ""] = await cargoTarget();
  await run("cargo", ["build", "--quiet", "--locked", "--target", triple, ...example], { timeoutMs: 1_800_000 });
  const tonic = join(root, "target", triple, profile, "examples", "restarts-tonic");
  const program = ["--import", "tsx", "restarts/run.ts", "--tonic", tonic, ...process.argv.slice(2)];
  await run(process.execPath, program, { timeoutMs: 1_800_000 });
});
