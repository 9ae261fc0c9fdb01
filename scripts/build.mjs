// @ts-check
// npm run build: the addon, its types, and the packages.
import { ensureBuilt, main } from "./setup.mjs";

main(async () => {
  await ensureBuilt();
  console.log("built: the addon, its index.d.ts, and packages/*/dist");
});
