// @ts-check
// npm run interop [-- cases]: grpc-go's interoperability client against examples/interop, in plaintext and over TLS.
// Without names all 16 cases that need no cloud. The last line says how many passed both ways.
import { chooseNames } from "./chosen-names.mjs";
import { ensureInteropClient, interopCases } from "./interop-cases.mjs";
import { startServer } from "./server-process.mjs";
import { capture, ensureBuilt, Failure, main } from "./setup.mjs";

const timeoutMs = 60_000;

const certificates = "__test__/certificates";
/**
 * Ways to connect, each with the arguments of our server and of the client.
 * @type {[string, string[], string[]][]}
 */
const ways = [
  ["in the clear", [], []],
  [
    "over TLS",
    [`${certificates}/server.crt`, `${certificates}/server.key`],
    // Without use_test_ca the file is ignored.
    ["--use_tls", "--use_test_ca", `--ca_file=${certificates}/ca.crt`, "--server_host_override=localhost"],
  ],
];

main(async () => {
  const names = chooseNames("case", [...interopCases.keys()], process.argv.slice(2));

  await ensureBuilt();
  const client = await ensureInteropClient();

  let failed = 0;
  for (const [how, ours, theirs] of ways) {
    const server = await startServer("examples/interop/server.ts", ["0", ...ours]);
    const { hostname, port } = new URL(server.url);
    const address = [`--server_host=${hostname}`, `--server_port=${port}`, ...theirs];
    for (const name of names) {
      const args = [...address, `--test_case=${name}`, ...(interopCases.get(name) ?? [])];
      const complaint = await complaintOf(capture(client, args, { timeoutMs }));
      console.log(complaint === null ? `passed  ${name} ${how}` : `FAILED  ${name} ${how}\n${complaint}`);
      if (complaint !== null) failed += 1;
    }
    await server.stop();
  }

  console.log(`${names.length * ways.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});

/**
 * The failure of a run of the client; null if it passed.
 * @param {ReturnType<typeof capture>} run
 */
async function complaintOf(run) {
  try {
    const { code, stderr } = await run;
    return code === 0 ? null : stderr;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
