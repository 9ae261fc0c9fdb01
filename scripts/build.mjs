// @ts-check
// npm run build: everything that has to exist before anything can be run.
import { ensureBuilt, main } from "./setup.mjs";

main(async () => {
  await ensureBuilt();
  console.log("built: the addon, index.js, index.d.ts and packages/*/dist");
});
