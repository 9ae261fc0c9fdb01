// @ts-check
// protovalidate's conformance suite: its runner, and the messages between the runner and a program that it starts.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ensureJudgeWithin } from "./judge.mjs";
import { bin, capture, Failure, root, run } from "./setup.mjs";

const module = "github.com/bufbuild/protovalidate";
const timeoutMs = 600_000;

export const suiteVersion = "v1.2.2";

/**
 * Runs the suite against a program of a folder, whose types are checked first.
 * @param {string} folder has tsconfig.json and executor.ts, which the runner starts for each of its suites
 * @param {string[]} options of the runner
 * @param {string[]} [args] of the program
 * @returns {Promise<{ code: number, output: string, total: number }>} the number of cases, and what the runner printed
 */
export async function runSuite(folder, options, args = []) {
  const program = "tools/protovalidate-conformance";
  const runner = await ensureJudgeWithin(`${module}/tools`, {
    name: "protovalidate-conformance",
    module: `${module}/${program}`,
    version: suiteVersion,
  });
  await generateProtos();
  await run(bin("tsc"), ["--project", folder]);
  const executor = [process.execPath, "--import", "tsx", `${folder}/executor.ts`, ...args];
  const { code, stdout, stderr } = await capture(runner, [...options, "--", ...executor], { timeoutMs });
  // The runner prints everything on standard error.
  return { code, output: stdout + stderr, total: Number(/total: (\d+)\)\n*$/.exec(stderr)?.[1] ?? 0) };
}

/** The messages between runner and executor, generated from their module. */
async function generateProtos() {
  const { code, stdout, stderr } = await capture("go", ["mod", "download", "-json", `${module}@${suiteVersion}`]);
  if (code !== 0) {
    throw new Failure(`the protos of ${module}@${suiteVersion} could not be downloaded: ${stdout || stderr}`);
  }
  const { Dir: source } = JSON.parse(stdout);
  const out = join(root, ".build", "protovalidate");
  const rewrite = "rewrite_imports=./buf/validate/validate_pb.js:@bufbuild/protovalidate/gen";
  const plugin = {
    local: [process.execPath, bin("protoc-gen-es")],
    out,
    opt: ["target=js+dts", "import_extension=js", rewrite],
  };
  rmSync(out, { recursive: true, force: true });
  const harness = join(source, "proto/protovalidate-testing/buf/validate/conformance/harness/harness.proto");
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  await run(bin("buf"), ["generate", source, "--path", harness, "--template", template]);
}
