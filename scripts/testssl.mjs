// @ts-check
// npm run testssl [-- --write]: testssl.sh looks at a server with an ECDSA and with an RSA certificate. A finding above
// LOW fails the run, and so does a table in docs/guide/tls.md that is not that of the run; --write writes it there.
// The last line is the count of the findings.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeAuthority, makeCertificate } from "../__test__/testssl/certificates.mjs";
import { complaintsAbout, tableOf } from "../__test__/testssl/findings.mjs";
import { ensureProgram } from "./debian.mjs";
import { startServer } from "./server-process.mjs";
import { capture, ensureBuilt, Failure, main, root } from "./setup.mjs";

/** Debian's name of it. The names of checks are others in 3.2. */
const program = "testssl";
const version = "3.0";
/** Half a minute on a quiet machine. */
const timeoutMs = 600_000;
/** Protocols, ciphers, forward secrecy, preferences, defaults with certificate, vulnerabilities. */
const checks = ["-p", "-s", "-f", "-P", "-S", "-U"];
const quietly = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "min"];
const guide = join(root, "docs/guide/tls.md");
const tableInGuide = /^\| check of testssl\.sh .*\n(?:\|.*\n)+/m;

/** @typedef {import("../__test__/testssl/findings.mjs").Finding} Finding */
/** @typedef {import("../__test__/testssl/certificates.mjs").Kind} Kind */

main(async () => {
  const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
  await ensureBuilt();
  await ensureProgram(program, "testssl.sh");
  await checkVersion();

  /** @type {Map<Kind, Finding[]>} */
  const runs = new Map();
  const count = { passed: 0, failed: 0 };
  const folder = mkdtempSync(join(tmpdir(), "connectum-testssl-"));
  try {
    const authority = await makeAuthority(folder);
    for (const kind of /** @type {Kind[]} */ (["ECDSA P-256", "RSA 2,048"])) {
      console.log(`running testssl.sh: ${kind}`);
      const findings = await look(folder, authority, kind);
      const complaints = complaintsAbout(findings);
      for (const complaint of complaints) console.log(`failed  ${complaint}`);
      runs.set(kind, findings);
      count.failed += complaints.length;
      count.passed += findings.length - complaints.length;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }

  const table = tableOf(runs);
  const text = readFileSync(guide, "utf8");
  const page = text.replace(tableInGuide, () => `${table}\n`);
  if (write) writeFileSync(guide, page);
  else if (page !== text) {
    console.log(
      `${table}\nfailed  the table in docs/guide/tls.md is another one. Write it: npm run testssl -- --write`,
    );
    count.failed += 1;
  }
  console.log(`${count.passed} passed, ${count.failed} failed`);
  if (count.failed > 0) process.exitCode = 1;
});

async function checkVersion() {
  const { stdout } = await capture(program, ["--version"]);
  const found = /testssl(?:\.sh)?\s+(?:version )?(\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (found?.startsWith(`${version}.`)) return;
  throw new Failure(
    `testssl.sh ${found} is there, and ${version} is needed, as Debian 12 has it (package testssl.sh).`,
  );
}

/**
 * What testssl.sh finds at a server with a certificate of its own.
 * @param {string} folder of the authority
 * @param {string} authority the path of its certificate
 * @param {Kind} kind
 * @returns {Promise<Finding[]>}
 */
async function look(folder, authority, kind) {
  const { cert, key } = await makeCertificate(folder, kind);
  const server = await startServer("__test__/testssl/server.ts", [cert, key]);
  const file = join(folder, "findings.json");
  // testssl.sh does not overwrite it.
  rmSync(file, { force: true });
  const { host } = new URL(server.url);
  const args = [...checks, ...quietly, "--add-ca", authority, "--jsonfile", file, host];
  const { stdout, stderr } = await capture(program, args, { timeoutMs });
  await server.stop();
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Failure(`testssl.sh wrote no findings: ${stdout}${stderr}`);
  }
}
