// @ts-check
// npm run generate: TypeScript from every .proto of the repository.
import { generate } from "./generated-code.mjs";
import { ensureInstalled, main } from "./setup.mjs";

main(async () => {
  await ensureInstalled();
  await generate();
});
