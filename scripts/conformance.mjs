// @ts-check
// npm run conformance [-- arguments of the runner]: the official ConnectRPC suite against our server. Without arguments
// all of it, and the last line is the runner's count. Arguments such as --run PATTERN --trace choose.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bin, capture, ensureBuilt, ensureJudge, Failure, main, root, run } from "./setup.mjs";

const module = "connectrpc.com/conformance";
const version = "v1.0.5";
/** The number of cases with the features of conformance.yaml. Fewer would mean that some were omitted. */
const expectedCases = 7268;
const timeoutMs = 600_000;
const folder = "__test__/conformance";
const server = [process.execPath, "--import", "tsx", `${folder}/server.ts`];

main(async () => {
  await ensureBuilt();
  const runner = await ensureJudge({ name: "connectconformance", module: `${module}/cmd/connectconformance`, version });
  await generateProtos();
  await run(bin("tsc"), ["--project", folder]);

  const options = process.argv.slice(2);
  const args = ["--mode", "server", "--conf", `${folder}/conformance.yaml`, ...options, "--", ...server];
  if (options.length > 0) return run(runner, args, { timeoutMs });

  console.log(`running the conformance suite ${version}`);
  const { code, stdout, stderr } = await capture(runner, args, { timeoutMs });
  process.stderr.write(stderr);
  const [, passed = 0, failed = 0] = (/^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? []).map(Number);
  const tooFew = passed + failed < expectedCases;
  if (tooFew) console.log(`error: ${passed + failed} cases ran, and there are ${expectedCases}.`);
  process.stdout.write(stdout);
  if (tooFew || failed > 0 || code !== 0) process.exitCode = 1;
});

/** The suite's protos as JavaScript with types, generated from the module that the runner was built from. */
async function generateProtos() {
  const { code, stdout, stderr } = await capture("go", ["mod", "download", "-json", `${module}@${version}`]);
  if (code !== 0) throw new Failure(`the protos of ${module}@${version} could not be downloaded: ${stdout || stderr}`);
  const { Dir: source } = JSON.parse(stdout);
  const out = join(root, ".build", "conformance");
  const plugin = {
    local: [process.execPath, bin("protoc-gen-es")],
    out,
    opt: ["target=js+dts", "import_extension=js"],
  };
  rmSync(out, { recursive: true, force: true });
  await run(bin("buf"), [
    "generate",
    join(source, "proto"),
    "--template",
    JSON.stringify({ version: "v2", plugins: [plugin] }),
  ]);
}
