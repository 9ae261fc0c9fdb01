// @ts-check
// npm run protovalidate [-- arguments of the runner]: protovalidate's conformance cases, each sent to a server of ours
// that validates. Without arguments all of them run, and the last line is the count. Arguments such as
// --suite REGEX --verbose select cases.
import { runSuite, suiteVersion } from "./protovalidate-suite.mjs";
import { ensureBuilt, main } from "./setup.mjs";

/** The number of cases. Fewer would mean that some were omitted. */
const expectedCases = 2872;

main(async () => {
  await ensureBuilt();
  const options = process.argv.slice(2);
  console.log(`running protovalidate's conformance cases ${suiteVersion}`);
  const { code, output, total } = await runSuite("__test__/protovalidate", ["--timeout", "60s", ...options]);
  process.stdout.write(output);
  const tooFew = options.length === 0 && total < expectedCases;
  if (tooFew) console.log(`error: ${total} cases ran, and there are ${expectedCases}.`);
  if (code !== 0 || tooFew) process.exitCode = 1;
});
