// @ts-check
// Runs TypeScript tests with Node's runner and counts them. Prints nothing unless one fails.
import { capture } from "./run.mjs";

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 */

/**
 * Runs test files, two at a time.
 * @param {string[]} files from the root of the repository
 * @param {{ timeoutMs: number, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<Count>}
 */
export async function runNodeTests(files, { timeoutMs, env = {} }) {
  const options = ["--import", "tsx", "--test", "--test-concurrency=2", "--test-force-exit", "--test-reporter=tap"];
  const { code, stdout, stderr } = await capture(process.execPath, [...options, ...files], {
    timeoutMs,
    // Variables that npm sets for its scripts must not reach servers.
    env: { NODE_OPTIONS: "", ...env },
  });
  const count = { passed: total(stdout, "pass"), failed: total(stdout, "fail") + total(stdout, "cancelled") };
  if (code !== 0) {
    console.log(`${stderr}\n${failures(stdout)}`);
    count.failed = Math.max(count.failed, 1);
  }
  return count;
}

/**
 * @param {string} tap
 * @param {string} name
 */
function total(tap, name) {
  return Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
}

/**
 * The failed tests of a TAP report, each with its details.
 * @param {string} tap
 */
function failures(tap) {
  const found = [...tap.matchAll(/^ *not ok [\s\S]*?^ *\.\.\.$/gm)].map(([block]) => block);
  return found.length > 0 ? found.join("\n") : tap;
}
