// @ts-check
// npm run lint [-- --fix]: formatting, lints, imports, comments and types. `npm run fix` corrects what it can.
import { checkComments } from "./comment-width.mjs";
import { checkImports } from "./import-graph.mjs";
import { bin, cargoTarget, ensureBuilt, Failure, main, root, run } from "./setup.mjs";

const fix = process.argv.includes("--fix");

main(async () => {
  await ensureBuilt();
  await run(bin("biome"), ["check", "--error-on-warnings", ...(fix ? ["--write"] : [])]);
  lintImports();
  await lintComments();
  for (const manifest of ["Cargo.toml", "fuzz/Cargo.toml"]) {
    await run("cargo", ["fmt", "--manifest-path", manifest, ...(fix ? [] : ["--check"])]);
  }
  const clippy = ["clippy", "--release", "--all-targets", ...(await cargoTarget()), "--", "--deny", "warnings"];
  await run("cargo", clippy, { timeoutMs: 1_800_000 });
  // The pages have the types of browsers, and everything else those of Node.
  for (const project of ["tsconfig.json", "examples/web/page", "__test__/browser/page"]) {
    await run(bin("tsc"), ["--noEmit", "--project", project]);
  }
  console.log("no complaints");
});

/** Checks that Biome does not have: the order of folders, and that modules were read at all. */
function lintImports() {
  const { summary, complaints } = checkImports(root);
  for (const complaint of complaints) console.error(`error: ${complaint}`);
  if (complaints.length > 0) throw new Failure("the imports of the packages break the rules above.");
  console.log(`read ${summary}`);
}

/** The formatters wrap code, but not comments. */
async function lintComments() {
  const complaints = await checkComments(root);
  for (const complaint of complaints) console.error(`error: ${complaint}`);
  if (complaints.length > 0) throw new Failure("there are comments that are too long.");
}
