// @ts-check
// Installs packages of PyPI, pinned, into separate virtual environments: .judges/<name>.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure, root, run } from "./run.mjs";

/**
 * The folder of an environment, installed on first use and whenever the pinned packages change.
 * @param {string} name
 * @param {string[]} packages each with its version, as for `pip install`
 */
export async function ensurePythonEnvironment(name, packages) {
  const directory = join(root, ".judges", name);
  const stampFile = join(directory, "installed.txt");
  const stamp = packages.join("\n");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return directory;
  const found = await capture("python3", ["-c", "import venv, ensurepip"]).catch(() => null);
  if (found?.code !== 0) {
    throw new Failure("Python 3 with venv is missing. Install it: apt-get install python3 python3-venv");
  }
  console.log(`installing ${packages.join(", ")} into .judges/${name}`);
  rmSync(directory, { recursive: true, force: true });
  await run("python3", ["-m", "venv", directory]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run(join(directory, "bin", "python"), [...pip, ...packages]);
  writeFileSync(stampFile, stamp);
  return directory;
}
