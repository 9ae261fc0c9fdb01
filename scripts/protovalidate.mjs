// @ts-check
// npm run protovalidate [-- arguments of the runner]: protovalidate's conformance cases, each sent to a server of ours
// that validates. Without arguments all of them run, and the last line is the count. Arguments such as
// --suite REGEX --verbose select cases.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ensureJudgeWithin } from "./judge.mjs";
import { bin, capture, ensureBuilt, Failure, main, root, run } from "./setup.mjs";

const module = "github.com/bufbuild/protovalidate";
const version = "v1.2.2";
/** The number of cases. Fewer would mean that some were omitted. */
const expectedCases = 2872;
const timeoutMs = 600_000;
const folder = "__test__/protovalidate";
const executor = [process.execPath, "--import", "tsx", `${folder}/executor.ts`];

main(async () => {
  await ensureBuilt();
  const program = "tools/protovalidate-conformance";
  const runner = await ensureJudgeWithin(`${module}/tools`, {
    name: "protovalidate-conformance",
    module: `${module}/${program}`,
    version,
  });
  await generateProtos();
  await run(bin("tsc"), ["--project", folder]);

  const options = process.argv.slice(2);
  console.log(`running protovalidate's conformance cases ${version}`);
  const { code, stdout, stderr } = await capture(runner, ["--timeout", "60s", ...options, "--", ...executor], {
    timeoutMs,
  });
  // The runner prints everything on standard error.
  process.stdout.write(stdout + stderr);
  const total = Number(/total: (\d+)\)\n*$/.exec(stderr)?.[1] ?? 0);
  const tooFew = options.length === 0 && total < expectedCases;
  if (tooFew) console.log(`error: ${total} cases ran, and there are ${expectedCases}.`);
  if (code !== 0 || tooFew) process.exitCode = 1;
});

/** The messages between runner and executor, generated from their module. */
async function generateProtos() {
  const { code, stdout, stderr } = await capture("go", ["mod", "download", "-json", `${module}@${version}`]);
  if (code !== 0) throw new Failure(`the protos of ${module}@${version} could not be downloaded: ${stdout || stderr}`);
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
