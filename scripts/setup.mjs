// @ts-check
// The setup that every other script needs: tools, packages, build. A step is skipped when nothing has changed since,
// and prints one line when it runs. Needs nothing but Node itself.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundlePackages } from "./bundle-packages.mjs";
import { capture, Failure, root, run } from "./run.mjs";

export { ensureJudge } from "./judge.mjs";
export { capture, Failure, main, root, run } from "./run.mjs";

const oldestNode = "20.17";
const stampFile = join(root, ".build", "addon.stamp");

/** Fails with one line for each tool that is missing or too old. */
export async function checkTools() {
  const oldestCargo = /^rust-version = "(.+)"$/m.exec(read("Cargo.toml"))?.[1] ?? "";
  const problems = [];
  if (isOlder(process.versions.node, oldestNode)) {
    problems.push(`Node ${process.versions.node} is too old to develop with. Install Node ${oldestNode} or newer.`);
  }
  const cargo = /\d+\.\d+\.\d+/.exec(await versionOf("cargo"))?.[0];
  if (cargo === undefined) {
    problems.push(
      `Rust is missing: there is no "cargo" that runs. Install rustup, https://rustup.rs, then run: rustup toolchain install`,
    );
  } else if (isOlder(cargo, oldestCargo)) {
    problems.push(`Rust ${cargo} is too old. Install ${oldestCargo} or newer: rustup update stable`);
  }
  const compiler = process.env["CC"] ?? "cc";
  // On Windows rustup installs with the compiler of Visual Studio, which has no name on the path.
  if (process.platform !== "win32" && (await versionOf(compiler)) === "") {
    problems.push(
      `A C compiler is missing: there is no "${compiler}". Install one: apt-get install build-essential, or xcode-select --install`,
    );
  }
  if (problems.length > 0) throw new Failure(problems.join("\nerror: "));
}

/** Updates `node_modules` to package-lock.json. */
export async function ensureInstalled() {
  await checkTools();
  if (isInstalled()) return;
  console.log("installing the npm packages of package-lock.json");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
}

/** The folder of `@connectum/native`: its loader, and the addon and index.d.ts as they are built. */
const native = "packages/native";

/** Builds what is missing or stale: the addon (release) with its index.d.ts, then the TypeScript packages. */
export async function ensureBuilt() {
  await ensureInstalled();
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp()) {
    console.log("building the addon (a first build takes a few minutes)");
    rmSync(stampFile, { force: true });
    const flags = ["--platform", "--release", "--no-js", "--dts", "index.d.ts", "--output-dir", native];
    await run(bin("napi"), ["build", ...flags], { timeoutMs: 1_800_000 });
    mkdirSync(join(root, ".build"), { recursive: true });
    writeFileSync(stampFile, stamp());
  }
  await compilePackages();
}

/** Compiles the TypeScript packages, for which index.d.ts is enough. */
export async function ensurePackages() {
  await ensureInstalled();
  await compilePackages();
}

/** Declarations by tsc, which checks the types; JavaScript by esbuild, a file for each entry point. */
async function compilePackages() {
  await run(bin("tsc"), ["--build", ...packagesToCompile(), ...(isCompiled() ? [] : ["--force"])]);
  await bundlePackages();
}

/**
 * Arguments of cargo that name this machine's target, as napi does, so that both share their build results.
 * @returns {Promise<string[]>}
 */
export async function cargoTarget() {
  const { stdout } = await capture("rustc", ["--print", "host-tuple"]);
  return ["--target", stdout.trim()];
}

/**
 * The path of a program of an npm package.
 * @param {string} name
 */
export function bin(name) {
  return join(root, "node_modules", ".bin", name);
}

/** Whether `node_modules` has every package of the lock file, in its version, except those of other platforms. */
function isInstalled() {
  const hidden = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(read("package-lock.json")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.keys(wanted).every((path) => {
    if (path === "" || (wanted[path].optional && !present[path])) return true;
    return present[path]?.version === wanted[path].version;
  });
}

/**
 * A hash over the sources and the built files of the addon: a change of either requires a build. Starting cargo only to
 * find nothing to do would take a second or two each time.
 */
function stamp() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  // Only the part of package.json that napi reads: a new script requires no build.
  hash.update(JSON.stringify(JSON.parse(read("package.json")).napi));
  const inputs = ["Cargo.toml", "Cargo.lock", "build.rs", "rust-toolchain.toml", ".cargo/config.toml"];
  for (const file of [...inputs, ...filesIn("src"), `${native}/index.d.ts`]) {
    hash.update(`\0${file}\0`).update(existsSync(join(root, file)) ? readFileSync(join(root, file)) : "absent");
  }
  for (const file of readdirSync(join(root, native)).filter((name) => name.endsWith(".node"))) {
    const { size, mtimeMs } = statSync(join(root, native, file));
    hash.update(`\0${file} ${size} ${mtimeMs}`);
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesIn(path) : [path];
    })
    .sort();
}

function packagesToCompile() {
  const folders = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  return folders.filter((folder) => existsSync(join(root, folder, "tsconfig.json")));
}

/** `tsc --build` does not notice a deleted `dist`: it only checks its own record. */
function isCompiled() {
  return packagesToCompile().every((folder) => existsSync(join(root, folder, "dist", "index.js")));
}

/** @param {string} command */
async function versionOf(command) {
  // Minutes, because rustup first installs the toolchain of rust-toolchain.toml.
  const answer = await capture(command, ["--version"], { timeoutMs: 600_000 }).catch(() => null);
  return answer?.code === 0 ? answer.stdout : "";
}

/**
 * @param {string} version
 * @param {string} oldest
 */
function isOlder(version, oldest) {
  return version.localeCompare(oldest, "en", { numeric: true }) < 0;
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}
