// @ts-check
// npm run protofake [-- arguments of the runner]: fakes of every message type of protovalidate's conformance suite that
// has a valid case, twenty seeds each, judged by protovalidate. __test__/protofake/unsolved.json has the types that may
// fail, each with its reason; one of them that succeeds is an error too. The last line is the count. Arguments such as
// --suite REGEX select types.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSuite, suiteVersion } from "./protovalidate-suite.mjs";
import { ensureBuilt, main, root } from "./setup.mjs";
import { unsolvedComplaints } from "./unsolved-types.mjs";

const folder = "__test__/protofake";
/** The number of message types with a valid case. Fewer would mean that some were omitted. */
const expectedTypes = 749;

/** @typedef {import("./unsolved-types.mjs").Outcome} Outcome */

main(async () => {
  await ensureBuilt();
  const options = process.argv.slice(2);
  console.log(`making fakes of the messages of protovalidate's conformance cases ${suiteVersion}`);
  const results = mkdtempSync(join(tmpdir(), "connectum-protofake-"));
  try {
    const { output } = await runSuite(folder, ["--timeout", "300s", ...options], [results]);
    const outcomes = readOutcomes(results);
    const unsolved = JSON.parse(readFileSync(join(root, folder, "unsolved.json"), "utf8"));
    const complaints = unsolvedComplaints(outcomes, unsolved, options.length === 0 ? expectedTypes : 0);
    // The runner complains about each case, since it wants them validated. Without fakes its output says why.
    if (outcomes.size === 0) process.stdout.write(output.slice(0, 5000));
    for (const complaint of complaints) console.log(`error: ${complaint}`);
    const failed = [...outcomes.values()].filter(({ failure }) => failure !== undefined);
    console.log(`${outcomes.size - failed.length} passed, ${failed.length} failed`);
    if (complaints.length > 0 || outcomes.size === 0) process.exitCode = 1;
  } finally {
    rmSync(results, { recursive: true });
  }
});

/**
 * @param {string} results the folder into which the program writes a file for each suite
 * @returns {Map<string, Outcome>} by the names of the types, some of which are in several suites
 */
function readOutcomes(results) {
  /** @type {Outcome[]} */
  const outcomes = readdirSync(results).flatMap((file) => JSON.parse(readFileSync(join(results, file), "utf8")));
  return new Map(outcomes.map((outcome) => [outcome.typeName, outcome]));
}
