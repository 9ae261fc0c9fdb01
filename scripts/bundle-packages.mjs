// @ts-check
// The JavaScript of the packages: a file for each entry point, and what they share. Loading a file takes Node half a
// millisecond, and the modules of core and hooks are eighty.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeRequireEntries } from "./require-entries.mjs";
import { root } from "./run.mjs";

/** Bundles every package of `packages` that has a `src`. Other packages, ours too, are imported as before. */
export async function bundlePackages() {
  // Imported here, as this module is loaded before packages are installed.
  const { build } = await import("esbuild");
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name);
    const entryPoints = entryPointsOf(folder);
    if (entryPoints.length === 0) continue;
    const outdir = join(folder, "dist");
    removeJavaScript(outdir);
    await build({
      entryPoints,
      outdir,
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
    });
    writeRequireEntries(folder);
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

/** Shared files have other names when their content changes. @param {string} outdir */
function removeJavaScript(outdir) {
  for (const file of readdirSync(outdir, { recursive: true })) {
    if (/\.c?js(\.map)?$/.test(String(file))) rmSync(join(outdir, String(file)));
  }
}
