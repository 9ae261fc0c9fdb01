// @ts-check
// npm run h2spec: h2spec, strict, all 146 cases, against each way to serve HTTP/2 and two kinds of paths. A case that
// fails has to be in __test__/h2spec/known.json, with its reason; one that is there and passes fails the run, too.
// docs/h2.md explains more. The last line is the count of the other cases.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readReport } from "../__test__/h2spec/report.mjs";
import { startServer } from "./server-process.mjs";
import { capture, ensureBuilt, ensureJudge, Failure, main, root } from "./setup.mjs";

const judge = {
  name: "h2spec",
  module: "github.com/summerwind/h2spec/cmd/h2spec",
  version: "v2.2.1+incompatible",
};
const casesInAll = 146;
const timeoutMs = 300_000;
/**
 * The requested paths: an RPC by GET, whose response has more than five bytes, as one case requires; and plain HTTP.
 */
const paths = [
  `/connectum.test.v1.EchoService/EchoGet?connect=v1&encoding=json&message=${encodeURIComponent('{"text":"hello"}')}`,
  "/healthz",
];

/**
 * The ways to serve HTTP/2, with their arguments for our server and for h2spec. @type {[string, string[],
 * string[]][]}
 */
const ways = [
  ["beside HTTP/1.1", [], []],
  ["alone", ["--http2-only"], []],
  ["over TLS", ["--tls"], ["--tls", "--insecure"]],
];

/** @typedef {import("../__test__/h2spec/report.mjs").CaseResult} CaseResult */

/**
 * @typedef {object} Known a case that fails
 * @property {string} case
 * @property {string[]} how the ways of `ways`
 * @property {string} actual what the server does instead of what h2spec expects
 * @property {string} reason
 */

main(async () => {
  const known = readKnown();
  await ensureBuilt();
  const h2spec = await ensureJudge(judge);

  const count = { passed: 0, failed: 0, known: 0 };
  for (const [how, ours, theirs] of ways) {
    const server = await startServer("__test__/h2spec/server.ts", ours);
    const { port } = new URL(server.url);
    for (const path of paths) {
      console.log(`running h2spec: HTTP/2 ${how}, ${path.split("?")[0]}`);
      const results = await judgeServer(h2spec, [...theirs, "--port", port, "--path", path]);
      if (results.length !== casesInAll) throw new Failure(`${results.length} cases ran, and there are ${casesInAll}.`);
      const stray = known.find((entry) => !results.some(({ name }) => name === entry.case));
      if (stray !== undefined) throw new Failure(`there is no case ${stray.case}, which known.json names.`);
      for (const result of results) {
        const entry = known.find((candidate) => candidate.case === result.name && candidate.how.includes(how));
        const { verdict, text } = judgeCase(result, entry);
        count[verdict] += 1;
        if (verdict !== "passed") console.log(`${verdict.padEnd(7)} ${result.name} ${result.title}\n        ${text}`);
      }
    }
    await server.stop();
  }

  console.log(`${count.known} not counted, because known.json has their reasons`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  if (count.failed > 0) process.exitCode = 1;
});

/** @returns {Known[]} */
function readKnown() {
  /** @type {Known[]} */
  const known = JSON.parse(readFileSync(join(root, "__test__/h2spec/known.json"), "utf8"));
  const page = readFileSync(join(root, "docs/h2.md"), "utf8");
  const untold = known.find(({ case: name }) => !page.includes(`\`${name}\``));
  if (untold !== undefined) throw new Failure(`docs/h2.md does not mention ${untold.case}, which is in known.json.`);
  return known;
}

/**
 * The verdict on a result, and the reason if it has not passed.
 * @param {CaseResult} result
 * @param {Known | undefined} entry
 * @returns {{ verdict: "passed" | "failed" | "known", text: string }}
 */
function judgeCase({ outcome, actual }, entry) {
  if (outcome === "passed") {
    if (entry !== undefined) return { verdict: "failed", text: "it passes: take it out of known.json" };
    return { verdict: "passed", text: "" };
  }
  if (entry === undefined) return { verdict: "failed", text: `${outcome}; the server did: ${actual}` };
  if (!actual.includes(entry.actual)) {
    return { verdict: "failed", text: `the server did not do what known.json says, but: ${actual}` };
  }
  return { verdict: "known", text: entry.reason };
}

/**
 * Runs h2spec; its exit code only repeats what the report says.
 * @param {string} h2spec
 * @param {string[]} options
 */
async function judgeServer(h2spec, options) {
  const folder = mkdtempSync(join(tmpdir(), "connectum-h2spec-"));
  const file = join(folder, "report.xml");
  try {
    const args = ["--host", "127.0.0.1", "--strict", "--junit-report", file];
    const { stdout, stderr } = await capture(h2spec, [...args, ...options], { timeoutMs });
    try {
      return readReport(readFileSync(file, "utf8"));
    } catch {
      throw new Failure(`h2spec wrote no report: ${stdout}${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
