// @ts-check
// npm run generate: TypeScript from every .proto of the repository, and the table of promised and tested rules.
import { writeCoverage } from "./contract-coverage.mjs";
import { generate } from "./generated-code.mjs";
import { ensureInstalled, main } from "./setup.mjs";

main(async () => {
  await ensureInstalled();
  await generate();
  writeCoverage();
});
