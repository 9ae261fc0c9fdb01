// @ts-check
// npm run smoke [-- folder]: installs the tarballs of a folder (default .build/tarballs) into an empty folder, as users
// do, starts a server there and calls it once. Needs nothing but Node, npm and tar.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startRegistry } from "./registry.mjs";
import { Failure, main, root, run } from "./run.mjs";
import { manifestsIn } from "./tarball-manifests.mjs";
import { TARBALLS } from "./tarballs.mjs";

main(async () => {
  const tarballs = resolve(process.argv[2] ?? TARBALLS);
  const dependencies = await dependenciesFrom(tarballs);
  const folder = mkdtempSync(join(tmpdir(), "connectum-smoke-"));
  const registry = await startRegistry(tarballs);
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
    writeFileSync(join(folder, ".npmrc"), registry.npmrc);
    await npm(["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
    const addons = readdirSync(join(folder, "node_modules/@connectum")).filter((name) => name.startsWith("native-"));
    const here = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
    if (addons.length !== 1) throw new Failure(`npm has installed ${addons.join(", ") || "no addon"} for ${here}.`);
    console.log(`${here}: npm has installed ${Object.keys(dependencies).join(", ")} and ${addons[0]}`);
    cpSync(join(root, "scripts/smoke-program.mjs"), join(folder, "program.mjs"));
    await run(process.execPath, ["program.mjs"], { cwd: folder, timeoutMs: 60_000 });
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/**
 * The packages that users choose: all but the addons, of which npm chooses one.
 * @param {string} folder
 */
async function dependenciesFrom(folder) {
  const manifests = await manifestsIn(folder);
  const chosen = manifests.filter(({ name }) => !name.startsWith("@connectum/native"));
  return Object.fromEntries(chosen.map(({ name, version }) => [name, version]));
}

/**
 * Runs npm. On Windows it is a batch file, which Node does not start, but `npm run` says where its program is.
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  const program = process.env["npm_execpath"];
  return program === undefined ? run("npm", args, { cwd }) : run(process.execPath, [program, ...args], { cwd });
}
