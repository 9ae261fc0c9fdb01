// @ts-check
// npm run parity [-- text]: one table of raw requests to connect-node and to us. Every difference between the responses
// has to be a line of docs/differences.md. With a text: only the requests that have it in their name.
import { register } from "tsx/esm/api";
import { startServer } from "./server-process.mjs";
import { ensureBuilt, main } from "./setup.mjs";

const timeoutMs = 300_000;

main(async () => {
  await ensureBuilt();
  register();
  const { runParity } = await import("../__test__/parity/run.ts");
  const late = setTimeout(() => {
    console.error(`error: the comparison did not end within ${timeoutMs / 1000} s.`);
    process.exit(1);
  }, timeoutMs);
  const passed = await runParity(startServer, process.argv.slice(2).join(" "));
  clearTimeout(late);
  if (!passed) process.exitCode = 1;
});
