// @ts-check
// The JavaScript of the packages: a file for each entry point, and what they share. Loading a file takes Node half a
// millisecond, and the modules of core and hooks are eighty.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireEntries } from "./require-entries.mjs";
import { root } from "./run.mjs";

/** Bundles every package of `packages` that has a `src`. Other packages, ours too, are imported as before. */
export async function bundlePackages() {
  // Imported here, as this module is loaded before packages are installed.
  const { build } = await import("esbuild");
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name);
    const entryPoints = entryPointsOf(folder);
    if (entryPoints.length === 0) continue;
    const { outputFiles } = await build({
      entryPoints,
      outdir: join(folder, "dist"),
      bundle: true,
      splitting: true,
      packages: "external",
      platform: "node",
      target: "node18",
      format: "esm",
      sourcemap: true,
      // The sources are in the package.
      sourcesContent: false,
      chunkNames: "shared-[hash]",
      write: false,
    });
    const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
    for (const [path, text] of requireEntries(folder)) files.set(path, text);
    writeChanged(join(folder, "dist"), files);
  }
}

/**
 * Leaves files that are right as they are: another program may be about to load them.
 * @param {string} folder
 * @param {ReadonlyMap<string, string>} files by their paths
 */
function writeChanged(folder, files) {
  for (const [path, text] of files) {
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
  }
  // Shared files have other names when their content changes.
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, String(name));
    if (/\.c?js(\.map)?$/.test(path) && !files.has(path)) rmSync(path);
  }
}

/**
 * The sources of what `exports` has in dist.
 * @param {string} folder of a package
 */
function entryPointsOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.values(exports).flatMap(({ import: file }) => {
    const [, name] = /^\.\/dist\/(.+)\.js$/.exec(file) ?? [];
    return name === undefined ? [] : [join(folder, "src", `${name}.ts`)];
  });
}
