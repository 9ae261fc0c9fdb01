// @ts-check
// npm test: installs, builds, and runs every test of both languages. The last line is the count over all of them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkCoverage } from "./contract-coverage.mjs";
import { checkGenerated } from "./generated-code.mjs";
import { runNodeTests } from "./node-tests.mjs";
import { bin, capture, cargoTarget, ensureBuilt, Failure, main, root, run } from "./setup.mjs";

/** @typedef {import("./node-tests.mjs").Count} Count */

main(async () => {
  // Read before the build, which regenerates it: the committed file has to be what the source generates.
  const boundary = read("packages/native/index.d.ts");
  await ensureBuilt();
  const stale = read("packages/native/index.d.ts") !== boundary;
  await checkGenerated();
  checkCoverage();
  await run(bin("tsc"), ["--noEmit", "--project", "tsconfig.json"]);

  const rust = await testRust();
  console.log("running the TypeScript tests");
  const typescript = await runNodeTests(testFiles(), { timeoutMs: 900_000 });

  console.log(`\nRust: ${rust.passed} passed, ${rust.failed} failed`);
  console.log(`TypeScript: ${typescript.passed} passed, ${typescript.failed} failed`);
  if (stale) console.log("error: index.d.ts was not up to date. It is now: commit it.");
  for (const [language, count] of Object.entries({ Rust: rust, TypeScript: typescript })) {
    if (count.passed + count.failed === 0) throw new Failure(`no ${language} test was run.`);
  }
  const failed = rust.failed + typescript.failed;
  if (failed > 0 || stale) process.exitCode = 1;
  console.log(`${rust.passed + typescript.passed} passed, ${failed} failed`);
});

/** @returns {Promise<Count>} */
async function testRust() {
  console.log("running the Rust tests");
  const test = ["test", "--release", "--no-fail-fast", ...(await cargoTarget())];
  const { code, stdout, stderr } = await capture("cargo", test, { timeoutMs: 1_800_000 });
  const count = { passed: 0, failed: 0 };
  for (const [, passed, failed] of stdout.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
  }
  if (code !== 0) {
    console.log(`${stderr}\n${stdout}`);
    // A test program that crashed or did not compile has no result.
    count.failed = Math.max(count.failed, 1);
  }
  return count;
}

/** The tests in `__test__` itself, since its folders belong to other commands; and those of the packages. */
function testFiles() {
  const packages = readdirSync(join(root, "packages")).flatMap((name) => {
    const source = `packages/${name}/src`;
    if (!existsSync(join(root, source))) return [];
    return readdirSync(join(root, source), { recursive: true }).map((file) => `${source}/${file}`);
  });
  const outside = readdirSync(join(root, "__test__")).map((file) => `__test__/${file}`);
  return [...outside, ...packages].filter((file) => file.endsWith(".test.ts"));
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}
