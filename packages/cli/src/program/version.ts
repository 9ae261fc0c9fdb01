// The version of the package.
import { createRequire } from "node:module";

// From `dist`, whose files are made of this one.
const manifest: { version: string } = createRequire(import.meta.url)("../package.json");

export const version = manifest.version;
