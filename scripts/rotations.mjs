// @ts-check
// npm run rotations [-- --rotations 100]: certificates are rotated under load, as Kubernetes rotates them. Fails for
// every handshake that fails, and for a certificate that is served later than after a second.
import { ensureBuilt, main, run } from "./setup.mjs";

main(async () => {
  await ensureBuilt();
  const program = ["--import", "tsx", "rotations/run.ts", ...process.argv.slice(2)];
  await run(process.execPath, program, { timeoutMs: 600_000 });
});
