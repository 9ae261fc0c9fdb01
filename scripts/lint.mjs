// @ts-check
// npm run lint [-- --fix]: formatting and lints of both languages, and the types. `npm run fix` mends what it can.
import { bin, cargoTarget, ensureBuilt, main, run } from "./setup.mjs";

const fix = process.argv.includes("--fix");

main(async () => {
  await ensureBuilt();
  await run(bin("biome"), ["check", "--error-on-warnings", ...(fix ? ["--write"] : [])]);
  await run("cargo", ["fmt", ...(fix ? [] : ["--check"])]);
  const clippy = ["clippy", "--release", "--all-targets", ...(await cargoTarget()), "--", "--deny", "warnings"];
  await run("cargo", clippy, { timeoutMs: 1_800_000 });
  await run(bin("tsc"), ["--noEmit", "--project", "tsconfig.json"]);
  console.log("nothing to complain of");
});
