// @ts-check
// npm run matrix [-- --quick] [runtimes]: installs the packed packages into empty folders, with npm, bun and deno, and
// runs matrix/ on every runtime. Runtimes are node-18 to node-26, bun and deno. --quick packs the addon of `npm run
// build` instead of building the published one, repeats less, and takes node-18, node-24, bun and deno.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { SDKS } from "./application-sdks.mjs";
import { addonFileOf, PLATFORMS, platformHere } from "./platforms.mjs";
import { startRegistry } from "./registry.mjs";
import { bun, chosenRuntimes, deno } from "./runtime.mjs";
import { ensureBuilt, main, root, run } from "./setup.mjs";
import { TARBALLS } from "./tarballs.mjs";
import { writeTestRunners } from "./test-runners.mjs";
import { TYPESCRIPTS } from "./typescripts.mjs";

const FOLDER = join(root, ".build", "matrix");
const QUICK = ["node-18", "node-24", "bun", "deno"];
const dependencies = {
  "@bufbuild/protobuf": "^2.9.0",
  "@connectrpc/connect": "~2.1.2",
  "@connectum/core": "latest",
  "@connectum/healthcheck": "latest",
  "@connectum/interceptors": "latest",
  "@connectum/otel": "latest",
  "@connectum/reflection": "latest",
  "@opentelemetry/api": "^1.9.0",
};
const fixtures = {
  "@bufbuild/protobuf": "^2.9.0",
  "@connectrpc/connect": "~2.1.2",
  "@connectrpc/connect-node": "~2.1.2",
  "@connectum/core": "latest",
  "@connectum/test-fixtures": "latest",
  "@connectum/testing": "latest",
  "@opentelemetry/api": "^1.9.0",
};

main(async () => {
  const args = process.argv.slice(2);
  const isQuick = args.includes("--quick");
  const named = args.filter((arg) => arg !== "--quick");
  const runtimes = isQuick && named.length === 0 ? QUICK : chosenRuntimes(named);
  await ensureBuilt();
  await run(process.execPath, ["scripts/pack.mjs", ...(isQuick ? ["--built"] : [])], { timeoutMs: 3_600_000 });
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const registry = await startRegistry(await withMusl());
  try {
    for (const manager of managersOf(runtimes)) await install(manager, registry.npmrc);
    if (!isQuick) await installTypes(registry.npmrc);
  } finally {
    registry.close();
  }
  const tsx = ["--import", "tsx"];
  const flags = isQuick ? ["--quick"] : [];
  await run(process.execPath, [...tsx, "matrix/run.ts", ...flags, FOLDER, ...runtimes], { timeoutMs: 3_600_000 });
  if (!isQuick) await run(process.execPath, [...tsx, "matrix/types.ts", join(FOLDER, "types")]);
});

/**
 * The tarballs with a package for musl whose addon is none: Deno installs it too, and the loader must not choose it.
 * @returns {Promise<string>} a folder
 */
async function withMusl() {
  const tarballs = join(FOLDER, "tarballs");
  cpSync(TARBALLS, tarballs, { recursive: true });
  const name = platformHere()?.name.replace("-gnu", "-musl");
  const other = PLATFORMS.find((platform) => platform.name === name);
  if (other === undefined || name === platformHere()?.name) return tarballs;
  const cwd = join(FOLDER, "musl");
  cpSync(join(root, "npm", other.name), cwd, { recursive: true });
  writeFileSync(join(cwd, addonFileOf(other)), "no addon");
  await run("npm", ["pack", "--silent", "--pack-destination", tarballs], { cwd });
  return tarballs;
}

/** @param {string[]} runtimes */
function managersOf(runtimes) {
  return [...new Set(runtimes.map((name) => (name.startsWith("node") ? "npm" : name)))];
}

/**
 * A project with the programs, one for each example, one with test runners, and the programs again with each SDK of
 * OpenTelemetry: as users have them, outside of this workspace.
 * @param {string} manager
 * @param {string} npmrc
 */
async function install(manager, npmrc) {
  const folder = join(FOLDER, manager);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  const isOurs = (/** @type {string} */ path) => !path.split(sep).includes("node_modules");
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true, filter: isOurs });
  const examples = readdirSync(join(folder, "examples"), { withFileTypes: true }).filter((one) => one.isDirectory());
  const runners = join(folder, "test-runners");
  await writeTestRunners(runners, manager, fixtures);
  const sdks = SDKS.filter(({ notOn }) => !notOn.some((name) => name.toLowerCase() === manager));
  for (const { name, packages } of sdks) {
    const manifest = { private: true, type: "module", dependencies: { ...dependencies, ...packages } };
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "package.json"), JSON.stringify(manifest));
  }
  const withSdk = sdks.map(({ name }) => join(folder, name));
  const projects = [folder, ...examples.map(({ name }) => join(folder, "examples", name)), runners, ...withSdk];
  console.log(`installing into ${projects.length} folders with ${manager}`);
  const command = await commandOf(manager);
  for (const cwd of projects) {
    writeFileSync(join(cwd, ".npmrc"), npmrc);
    await run(command.program, command.args, { cwd, env: command.env });
  }
  for (const place of [folder, ...withSdk]) await compilePrograms(join(place, "programs"));
}

/**
 * A project with every TypeScript beside the packages, and the oldest types of Node.
 * @param {string} npmrc
 */
async function installTypes(npmrc) {
  const cwd = join(FOLDER, "types");
  mkdirSync(cwd, { recursive: true });
  const compilers = TYPESCRIPTS.map(([version]) => [`typescript-${version}`, `npm:typescript@~${version}.0`]);
  const others = { "@connectum/protoc-gen-catalog": "latest", "fast-check": "^4.0.0" };
  const devDependencies = { "@types/node": "18", ...others, ...Object.fromEntries(compilers) };
  const manifest = { private: true, type: "module", dependencies: { ...dependencies, ...fixtures }, devDependencies };
  writeFileSync(join(cwd, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(cwd, ".npmrc"), npmrc);
  console.log("installing every TypeScript with npm");
  await run("npm", ["install", "--loglevel=error"], { cwd });
}

/**
 * Installs without packages for development. The caches of Bun and Deno know packages by name and version, so each run
 * has its own: ours change without a new version. npm's knows them by their content.
 * @param {string} manager
 * @returns {Promise<{ program: string, args: string[], env: NodeJS.ProcessEnv }>}
 */
async function commandOf(manager) {
  const cache = join(FOLDER, `${manager}-cache`);
  if (manager === "bun") {
    const { program } = await bun();
    return { program, args: ["install", "--production", "--silent"], env: { BUN_INSTALL_CACHE_DIR: cache } };
  }
  if (manager === "deno") {
    const { program } = await deno();
    return { program, args: ["install", "--prod", "--quiet"], env: { DENO_DIR: cache } };
  }
  return { program: "npm", args: ["install", "--omit=dev", "--loglevel=error"], env: {} };
}

/**
 * A file of JavaScript for each program, which imports nothing but packages.
 * @param {string} folder
 */
async function compilePrograms(folder) {
  // Imported here, as this module is loaded before packages are installed.
  const { build } = await import("esbuild");
  const source = join(root, "matrix", "programs");
  const programs = readdirSync(source).filter((name) => name.endsWith(".ts"));
  const entryPoints = programs.map((name) => join(source, name));
  await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node18",
  });
  for (const name of ["require.cjs", "application-sdk.mjs"]) cpSync(join(source, name), join(folder, name));
}
