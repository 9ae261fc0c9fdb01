// @ts-check
// npm run generate: TypeScript from every .proto of the repository, the packages of the platforms, and the
// table of promised and tested rules.
import { writeCoverage } from "./contract-coverage.mjs";
import { generate } from "./generated-code.mjs";
import { writePlatforms } from "./platforms.mjs";
import { ensureInstalled, main } from "./setup.mjs";

main(async () => {
  await ensureInstalled();
  await generate();
  writePlatforms();
  writeCoverage();
});
