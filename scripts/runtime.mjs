// @ts-check
// Runtimes from npm, each in a folder of its own below .build: some bring a `node` that npm scripts would use.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { capture, Failure, root, run } from "./run.mjs";

/**
 * @typedef {object} Runtime
 * @property {string} name for people: `Node 24`
 * @property {string} program the path of its binary
 * @property {string[]} flags that run a TypeScript program: the file follows
 */

export const RUNTIMES = ["node-18", "node-20", "node-22", "node-24", "node-26", "bun", "deno"];

/**
 * The runtimes that arguments name, or all of them.
 * @param {string[]} names
 */
export function chosenRuntimes(names) {
  const unknown = names.filter((name) => !RUNTIMES.includes(name));
  if (unknown.length > 0)
    throw new Failure(`there is no runtime ${unknown.join(", ")}. There are ${RUNTIMES.join(", ")}.`);
  return names.length > 0 ? names : RUNTIMES;
}

/**
 * @param {string} name of {@link RUNTIMES}
 * @returns {Promise<Runtime>}
 */
export function provide(name) {
  if (name === "bun") return bun();
  return name === "deno" ? deno() : node(name.slice("node-".length));
}

/**
 * A version of Node. From 24 on it runs TypeScript by itself.
 * @param {string} major
 * @returns {Promise<Runtime>}
 */
export async function node(major) {
  const program = await ensureNode(major);
  // By its path, for programs outside the repository.
  const tsx = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;
  return { name: `Node ${major}`, program, flags: Number(major) >= 24 ? [] : ["--import", tsx] };
}

/** @returns {Promise<Runtime>} */
export async function bun() {
  const program = await ensure(
    "bun",
    `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}@1.4`,
    "bin/bun",
  );
  return { name: "Bun", program, flags: ["run"] };
}

/** @returns {Promise<Runtime>} */
export async function deno() {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const program = await ensure("deno", `@deno/${process.platform}-${process.arch}${libc}@2.9`, "deno");
  return { name: "Deno", program, flags: ["run", "--allow-all", "--node-modules-dir=manual", "--no-lock"] };
}

/**
 * Installs a Node from npm. Returns the path of its program.
 * @param {string} major
 */
export async function ensureNode(major) {
  if (major === process.versions.node.split(".")[0]) return process.execPath;
  return ensure(`node-${major}`, `node-${process.platform}-${process.arch}@${major}`, "bin/node");
}

/**
 * Installs an npm: that of today does not run on Node 18. Returns the path of its program, in JavaScript.
 * @param {string} major
 */
export async function ensureNpm(major) {
  return ensure(`npm-${major}`, `npm@${major}`, "bin/npm-cli.js");
}

/**
 * @param {string} name of the folder below .build
 * @param {string} specifier of the package with the binary
 * @param {string} path of the binary in it
 */
async function ensure(name, specifier, path) {
  const folder = join(root, ".build", name);
  const program = join(folder, "node_modules", packageOf(specifier), path);
  const stamp = join(folder, "specifier");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === specifier) return program;
  console.log(`installing ${specifier} into .build`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}\n");
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", specifier], {
    cwd: folder,
  });
  const { code, stderr } = await capture(program, ["--version"]);
  if (code !== 0) throw new Failure(`${program} does not run: ${stderr}`);
  writeFileSync(stamp, specifier);
  return program;
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.slice(0, specifier.lastIndexOf("@"));
}
