// @ts-check
// npm run h2spec: h2spec, strict, all 146 cases, in the clear and over TLS. A case that fails has to be in
// __test__/h2spec/known.json, for the reason given there; one that is there and passes fails the run too. docs/h2.md
// tells more. The last line says how many of the others passed.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRelay } from "../__test__/h2spec/relay.mjs";
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
/** A GET that is answered with more than five bytes, which one of the cases asks for. */
const path = `/connectum.test.v1.EchoService/EchoGet?connect=v1&encoding=json&message=${encodeURIComponent('{"text":"hello"}')}`;

/**
 * How HTTP/2 is spoken, with the arguments that make it so for our server and for h2spec. @type {[string, string[],
 * string[]][]}
 */
const ways = [
  ["in the clear", [], []],
  ["over TLS", ["--tls"], ["--tls", "--insecure"]],
];

/** @typedef {import("../__test__/h2spec/report.mjs").CaseResult} CaseResult */

/**
 * @typedef {object} Known a case that does not simply pass
 * @property {string} case
 * @property {string[]} how the ways of `ways`
 * @property {"fails" | "races"} outcome "races": what comes first decides; it must pass when its frames come together
 * @property {string} actual what the server does instead of what h2spec expects
 * @property {string} reason
 */

main(async () => {
  const known = readKnown();
  await ensureBuilt();
  const h2spec = await ensureJudge(judge);

  const count = { passed: 0, failed: 0, known: 0 };
  for (const [how, ours, theirs] of ways) {
    console.log(`running h2spec ${how}`);
    const server = await startServer("__test__/h2spec/server.ts", ours);
    const port = Number(new URL(server.url).port);
    const relay = await startRelay(port);
    const results = await judgeServer(h2spec, port, theirs);
    if (results.length !== casesInAll) throw new Failure(`${results.length} cases ran, and there are ${casesInAll}.`);
    const stray = known.find((entry) => !results.some(({ name }) => name === entry.case));
    if (stray !== undefined) throw new Failure(`there is no case ${stray.case}, which known.json names.`);
    for (const result of results) {
      const entry = known.find((candidate) => candidate.case === result.name && candidate.how.includes(how));
      const together = async () => (await judgeServer(h2spec, relay.port, [...theirs, result.name]))[0];
      const { verdict, text } = await judgeCase(result, entry, together);
      count[verdict] += 1;
      if (verdict !== "passed") console.log(`${verdict.padEnd(7)} ${result.name} ${result.title}\n        ${text}`);
    }
    relay.close();
    await server.stop();
  }

  console.log(`${count.known} not counted, as known.json has their reasons`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  if (count.failed > 0) process.exitCode = 1;
});

/** @returns {Known[]} */
function readKnown() {
  /** @type {Known[]} */
  const known = JSON.parse(readFileSync(join(root, "__test__/h2spec/known.json"), "utf8"));
  const page = readFileSync(join(root, "docs/h2.md"), "utf8");
  const untold = known.find(({ case: name }) => !page.includes(`\`${name}\``));
  if (untold !== undefined) throw new Failure(`docs/h2.md says nothing of ${untold.case}, which is in known.json.`);
  return known;
}

/**
 * What a result is worth, and why it is not simply a pass.
 * @param {CaseResult} result
 * @param {Known | undefined} entry
 * @param {() => Promise<CaseResult | undefined>} together runs the case again, with its frames together
 * @returns {Promise<{ verdict: "passed" | "failed" | "known", text: string }>}
 */
async function judgeCase({ outcome, actual }, entry, together) {
  if (outcome === "passed") {
    if (entry?.outcome === "fails") return { verdict: "failed", text: "it passes: take it out of known.json" };
    return { verdict: "passed", text: "" };
  }
  if (entry === undefined) return { verdict: "failed", text: `${outcome}; the server did: ${actual}` };
  if (!actual.includes(entry.actual)) {
    return { verdict: "failed", text: `the server did not what known.json says, but: ${actual}` };
  }
  if (entry.outcome === "fails") return { verdict: "known", text: entry.reason };
  const again = await together();
  if (again?.outcome === "passed") return { verdict: "passed", text: "" };
  return { verdict: "failed", text: `with its frames together it fails too; the server did: ${again?.actual}` };
}

/**
 * Runs h2spec; its exit code only repeats what the report says.
 * @param {string} h2spec
 * @param {number} port
 * @param {string[]} options
 */
async function judgeServer(h2spec, port, options) {
  const folder = mkdtempSync(join(tmpdir(), "connectum-h2spec-"));
  const file = join(folder, "report.xml");
  try {
    const args = ["--host", "127.0.0.1", "--port", `${port}`, "--path", path, "--strict", "--junit-report", file];
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
