// The tests of @connectum/test-fixtures and @connectum/testing, with the test runners of the runtime. Deno checks their
// types, too.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { capture } from "../../scripts/run.mjs";
import { TEST_RUNNERS } from "../../scripts/test-runners.mjs";
import type { Check } from "../check.ts";

const VM_MODULES = "--experimental-vm-modules";

/** The arguments of a runtime that run the tests of the current folder, and how the number of passed tests is told. */
const COMMANDS: Readonly<Record<string, readonly [args: readonly string[], passed: RegExp]>> = {
  node: [["--test", "--test-reporter=tap"], /^# pass (\d+)$/m],
  vitest: [["../node_modules/vitest/vitest.mjs", "run"], /Tests +(\d+) passed \(\d+\)/],
  jest: [[VM_MODULES, "../node_modules/jest/bin/jest.js", "--runInBand"], /^Tests: +(\d+) passed, \d+ total$/m],
  bun: [["test"], /^ *(\d+) pass$/m],
  deno: [["test", "--allow-all", "--node-modules-dir=manual", "--no-lock"], /ok \| (\d+) passed \| 0 failed/],
};

/** A runner that finds no tests is content, too. */
const LEAST = 200;

/** The failed tests, as the runners mark them; or else the end of the output. */
function faultsIn(output: string): string {
  const failed = output.split("\n").filter((line) => /^(not ok|\(fail\)| *[×✕●]|error:) | \.\.\. FAILED/.test(line));
  return failed.length > 0 ? failed.slice(0, 5).join("; ") : output.trim().slice(-1_000);
}

export const testRunners: Check = {
  name: "test fixtures, with each test runner",
  async run({ runtime, folder }) {
    const manager = runtime.name.startsWith("Node") ? "npm" : runtime.name.toLowerCase();
    for (const { name } of TEST_RUNNERS[manager] ?? []) {
      const [args, passed] = COMMANDS[name] ?? assert.fail(`there is no command for ${name}`);
      const cwd = join(folder, "test-runners", name);
      const files = name === "node" ? readdirSync(cwd).filter((file) => /\.test\./.test(file)) : [];
      const options = { cwd, env: { NODE_OPTIONS: "" } };
      const { code, stdout, stderr } = await capture(runtime.program, [...args, ...files], options);
      const output = stripVTControlCharacters(`${stdout}\n${stderr}`);
      assert.equal(code, 0, `${name} ended with ${code}: ${faultsIn(output)}`);
      const count = Number(passed.exec(output)?.[1]);
      assert.ok(count >= LEAST, `${name}: ${count} tests passed: ${output.trim().slice(-500)}`);
    }
  },
};
