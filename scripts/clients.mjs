// @ts-check
// npm run clients [-- names]: independent clients against our server: __test__/clients has a file for each.
// Without names all of them. The last line is the count of their tests.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chooseNames } from "./chosen-names.mjs";
import { ensureGrpcurl } from "./grpcurl.mjs";
import { runNodeTests } from "./node-tests.mjs";
import { ensurePython } from "./python.mjs";
import { capture, ensureBuilt, Failure, main, root } from "./setup.mjs";

const folder = "__test__/clients";
const suffix = ".test.ts";

/** Tools that a client needs and that are not on npm. @type {Record<string, () => Promise<unknown>>} */
const installers = {
  grpcurl: ensureGrpcurl,
  "python-grpcio": ensurePython,
  curl: checkCurl,
};

main(async () => {
  const all = readdirSync(join(root, folder))
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length));
  const names = chooseNames("client", all, process.argv.slice(2));

  await ensureBuilt();
  for (const name of names) await installers[name]?.();
  console.log(`running ${names.join(", ")}`);
  const { passed, failed } = await runNodeTests(
    names.map((name) => `${folder}/${name}${suffix}`),
    // The certificates that fetch trusts can only be set this way, when Node starts.
    { timeoutMs: 600_000, env: { NODE_EXTRA_CA_CERTS: join(root, "__test__/certificates/ca.crt") } },
  );
  if (passed + failed === 0) throw new Failure("no test was run.");
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});

async function checkCurl() {
  const found = await capture("curl", ["--version"]).catch(() => null);
  if (found === null || !/^Features:.* HTTP2 /m.test(found.stdout)) {
    throw new Failure("curl with HTTP/2 is missing. Install it: apt-get install curl");
  }
}
