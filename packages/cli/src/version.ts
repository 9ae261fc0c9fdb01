// The version of the package.
import { createRequire } from "node:module";

// The same file from `src` and from `dist`, which are beside it.
const manifest: { version: string } = createRequire(import.meta.url)("../package.json");

export const version = manifest.version;
