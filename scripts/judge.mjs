// @ts-check
// Installs the independent programs that judge this server: Go programs, pinned, in .judges/bin.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure, root, run } from "./run.mjs";

const directory = join(root, ".judges", "bin");

/**
 * The path of a Go program, installed on first use and whenever the pinned version changes.
 * @param {{ name: string, module: string, version: string }} judge `module` is the argument of `go install`
 */
export async function ensureJudge({ name, module, version }) {
  const binary = join(directory, name);
  const goIsThere = await capture("go", ["version"]).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (existsSync(binary) && (!goIsThere || (await isVersion(binary, module, version)))) return binary;
  if (!goIsThere) {
    throw new Failure(`Go is missing, and ${name} is installed with it. Install Go 1.26 or newer: https://go.dev/dl`);
  }
  console.log(`installing ${name} (${module}@${version}) into .judges/bin`);
  await run("go", ["install", `${module}@${version}`], { env: { GOBIN: directory } });
  return binary;
}

/**
 * The same for a program in a module that is a folder of its repository. `go install` would look up the repository
 * itself, which a proxy need not have; a build that requires the module does not.
 * @param {string} within the module
 * @param {{ name: string, module: string, version: string }} judge
 */
export async function ensureJudgeWithin(within, { name, module, version }) {
  const binary = join(directory, name);
  if (existsSync(binary) && (await isVersion(binary, module, version))) return binary;
  console.log(`installing ${name} (${module}@${version}) into .judges/bin`);
  const folder = join(root, ".judges", "build", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "go.mod"), `module judge\n\ngo 1.26\n\nrequire ${within} ${version}\n`);
  await run("go", ["build", "-mod=mod", "-o", binary, module], { cwd: folder });
  return binary;
}

/**
 * @param {string} binary
 * @param {string} module
 * @param {string} version
 */
async function isVersion(binary, module, version) {
  const { stdout } = await capture("go", ["version", "-m", binary]);
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return (
    lines.some(([key, path]) => key === "path" && path === module) &&
    lines.some(
      ([key, path, built]) => (key === "mod" || key === "dep") && module.startsWith(path ?? "") && built === version,
    )
  );
}
