// @ts-check
// npm run interop [-- cases]: grpc-go's interoperability client against examples/interop, in plaintext and over TLS.
// Without names all 16 cases that need no cloud. The last line says how many passed both ways.
import { chooseNames } from "./chosen-names.mjs";
import { startServer } from "./server-process.mjs";
import { capture, ensureBuilt, ensureJudge, Failure, main } from "./setup.mjs";

const judge = { name: "client", module: "google.golang.org/grpc/interop/client", version: "v1.83.1" };
const timeoutMs = 60_000;
const soak = ["--soak_iterations=100", "--soak_overall_timeout_seconds=30"];

/** The cases, each with the flags it needs. @type {ReadonlyMap<string, string[]>} */
const cases = new Map([
  ["empty_unary", []],
  ["large_unary", []],
  ["client_streaming", []],
  ["server_streaming", []],
  ["ping_pong", []],
  ["empty_stream", []],
  ["timeout_on_sleeping_server", []],
  ["cancel_after_begin", []],
  ["cancel_after_first_response", []],
  ["status_code_and_message", []],
  ["special_status_message", []],
  ["custom_metadata", []],
  ["unimplemented_method", []],
  ["unimplemented_service", []],
  ["rpc_soak", soak],
  ["channel_soak", soak],
]);

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
  const names = chooseNames("case", [...cases.keys()], process.argv.slice(2));

  await ensureBuilt();
  const client = await ensureJudge(judge);

  let failed = 0;
  for (const [how, ours, theirs] of ways) {
    const server = await startServer("examples/interop/server.ts", ["0", ...ours]);
    const { hostname, port } = new URL(server.url);
    const address = [`--server_host=${hostname}`, `--server_port=${port}`, ...theirs];
    for (const name of names) {
      const args = [...address, `--test_case=${name}`, ...(cases.get(name) ?? [])];
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
