// @ts-check
// The tarballs of all packages, as npm publishes them: .build/tarballs. Each is staged in a folder of its own first, so
// that it has what only published packages need.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PLATFORMS, THIRD_PARTY_LICENSES } from "./platforms.mjs";
import { capture, Failure, root } from "./run.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

export const TARBALLS = join(root, ".build", "tarballs");

/**
 * @typedef {object} Tarball
 * @property {string} name of the package
 * @property {string} version
 * @property {string} file
 * @property {string} folder in which it was staged, with the same files
 * @property {number} size of the tarball, in bytes
 * @property {string[]} files
 */

/**
 * Packs `packages/*`, except private ones, and the platforms whose addon is given.
 * @param {ReadonlyMap<string, string>} addons paths of addons by the name of their platform
 * @returns {Promise<Tarball[]>}
 */
export async function packAll(addons) {
  rmSync(TARBALLS, { recursive: true, force: true });
  mkdirSync(TARBALLS, { recursive: true });
  const folders = readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}`)
    .filter((folder) => manifestOf(join(root, folder)).private !== true);
  const tarballs = [];
  for (const folder of folders) tarballs.push(await pack(folder, () => {}));
  for (const [name, addon] of addons) {
    const folder = `npm/${name}`;
    const { main } = manifestOf(join(root, folder));
    const { rustTarget = "" } = PLATFORMS.find((platform) => platform.name === name) ?? {};
    const licenses = await thirdPartyLicenses(rustTarget);
    const complete = (/** @type {string} */ staged) => {
      cpSync(addon, join(staged, main));
      writeFileSync(join(staged, THIRD_PARTY_LICENSES), licenses);
    };
    tarballs.push(await pack(folder, complete));
  }
  return tarballs;
}

/**
 * @param {string} folder of a package
 * @param {(staged: string) => void} complete adds what is not in the folder
 * @returns {Promise<Tarball>}
 */
async function pack(folder, complete) {
  const staged = join(root, ".build", "packages", folder.replace("/", "-"));
  rmSync(staged, { recursive: true, force: true });
  const manifest = manifestOf(join(root, folder));
  const isListed = (/** @type {string} */ file) => existsSync(join(root, folder, file));
  for (const file of manifest.files.filter((one) => !one.startsWith("!") && isListed(one))) {
    cpSync(join(root, folder, file), join(staged, file), { recursive: true });
  }
  cpSync(join(root, folder, "README.md"), join(staged, "README.md"));
  cpSync(join(root, "LICENSE"), join(staged, "LICENSE"));
  complete(staged);
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(published(manifest, folder), null, 2)}\n`);
  const { code, stdout, stderr } = await capture("npm", ["pack", "--json", "--pack-destination", TARBALLS], {
    cwd: staged,
  });
  if (code !== 0) throw new Failure(`npm pack of ${folder} failed: ${stderr}`);
  // npm 11 writes a list, later ones an object by name.
  const [report] = Object.values(JSON.parse(stdout));
  const files = report.files.map((/** @type {{ path: string }} */ file) => file.path);
  const { name, version, filename, size } = report;
  return { name, version, file: join(TARBALLS, filename), folder: staged, size, files };
}

/**
 * The manifest with what a checkout does not need: the addons of all platforms, and where the sources are.
 * @param {Manifest} manifest
 * @param {string} folder against which npm resolves the links of the README
 */
function published(manifest, folder) {
  const { name, version } = manifest;
  const addons = Object.fromEntries(PLATFORMS.map((platform) => [`@connectum/native-${platform.name}`, version]));
  // Set where a workflow publishes. npm's provenance compares it with the place where the workflow ran.
  const repository = process.env["GITHUB_REPOSITORY"];
  return {
    ...manifest,
    ...(repository && {
      repository: { type: "git", url: `git+https://github.com/${repository}.git`, directory: folder },
    }),
    ...(name === "@connectum/native" && { optionalDependencies: addons }),
  };
}

/**
 * @typedef {{ name: string, version: string, main: string, files: string[], private?: boolean }} Manifest
 */

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * What is missing in a tarball, and what does not belong there.
 * @param {Tarball} tarball
 * @returns {string[]}
 */
export function complaintsAbout({ name, folder, files }) {
  const complaints = [];
  const isAddon = files.some((file) => file.endsWith(".node"));
  for (const file of ["package.json", "README.md", "LICENSE", ...(isAddon ? [THIRD_PARTY_LICENSES] : [])]) {
    if (!files.includes(file)) complaints.push(`${name} has no ${file}`);
  }
  for (const file of files) {
    if (/\.test\.|\.tsbuildinfo$/.test(file)) complaints.push(`${name} has ${file}, which no user needs`);
    if (/\.js$/.test(file) && file.startsWith("dist/")) {
      if (!files.includes(`${file}.map`)) complaints.push(`${name} has ${file}, but no ${file}.map`);
    }
    if (!file.endsWith(".map")) continue;
    const { sources } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    for (const source of sources) {
      const path = normalize(join(dirname(file), source));
      if (!files.includes(path)) complaints.push(`${name}: ${file} leads to ${path}, which is missing`);
    }
  }
  return complaints;
}
