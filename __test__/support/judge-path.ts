// The path of clients and judges that are not npm packages.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A path below .judges, which `npm run clients` and `npm run judges` fill. */
export function judgePath(name: string): string {
  const path = fileURLToPath(new URL(`../../.judges/${name}`, import.meta.url));
  assert.ok(existsSync(path), `${path} is missing: npm run clients or npm run judges installs it`);
  return path;
}
