// @ts-check
// Installs packages of npm, pinned, into a folder of their own: .judges/<name>. They are no part of this workspace.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

/**
 * The folder, filled on first use and whenever the pinned packages change.
 * @param {string} name
 * @param {Record<string, string>} dependencies as in a package.json
 */
export async function ensureNpmEnvironment(name, dependencies) {
  const directory = join(root, ".judges", name);
  const stampFile = join(directory, "installed.json");
  const stamp = JSON.stringify({ private: true, dependencies });
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return directory;
  const packages = Object.entries(dependencies).map(([dependency, version]) => `${dependency}@${version}`);
  console.log(`installing ${packages.join(", ")} into .judges/${name}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), stamp);
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...flags], { cwd: directory });
  writeFileSync(stampFile, stamp);
  return directory;
}
