// @ts-check
// npm run pack [-- platforms]: tarballs of every package, and of the addon of this platform or of those named, in
// .build/tarballs. Fails when one is incomplete, does not resolve, or needs too new a C library. With --built, the
// addon is the one of `npm run build`, which takes less time and needs the C library of this machine.
// For releases: --addon-only FOLDER builds addons into a folder and packs nothing; --addons FOLDER packs those of a
// folder, of all platforms if none is named.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { addonFileOf, PLATFORMS, platformHere } from "./platforms.mjs";
import { buildPublished } from "./published-addon.mjs";
import { bin, ensureBuilt, ensurePackages, Failure, main, root, run } from "./setup.mjs";
import { complaintsAbout, packAll } from "./tarballs.mjs";

/** @typedef {import("./platforms.mjs").Platform} Platform */
/** @typedef {import("./tarballs.mjs").Tarball} Tarball */

/** The files of `require` load the modules, which have the types; or they throw. */
const ATTW = ["--profile", "esm-only", "--ignore-rules", "false-esm", "--quiet"];

const { values, positionals } = parseArgs({
  options: { built: { type: "boolean" }, "addon-only": { type: "string" }, addons: { type: "string" } },
  allowPositionals: true,
});

main(async () => {
  const folder = values["addon-only"];
  if (folder !== undefined) return buildInto(folder, chosenPlatforms(positionals));
  await (values.built ? ensureBuilt() : ensurePackages());
  const addons = await addonsOf(chosenPlatforms(positionals));
  const tarballs = await packAll(addons);
  const complaints = [];
  for (const tarball of tarballs) {
    complaints.push(...complaintsAbout(tarball), ...(await publint(tarball)));
    if (hasTypes(tarball)) await run(bin("attw"), [tarball.file, ...ATTW]);
  }
  for (const complaint of complaints) console.error(`error: ${complaint}`);
  for (const { file, size, files } of tarballs) {
    console.log(`${basename(file).padEnd(46)} ${kib(size).padStart(9)}, ${files.length} files`);
  }
  if (complaints.length > 0) throw new Failure("the packages cannot be published like this.");
  console.log(`packed ${tarballs.length} packages into .build/tarballs`);
});

/**
 * The addons to pack, by the name of their platform.
 * @param {readonly Platform[]} platforms
 */
async function addonsOf(platforms) {
  const addons = new Map();
  for (const platform of platforms) addons.set(platform.name, await addonOf(platform));
  return addons;
}

/**
 * @param {Platform} platform
 * @returns {Promise<string>} a path
 */
async function addonOf(platform) {
  const folder = values.built ? join(root, "packages", "native") : values.addons;
  if (folder === undefined) return buildPublished(platform);
  const file = resolve(folder, addonFileOf(platform));
  if (!existsSync(file)) throw new Failure(`there is no ${file}: node scripts/pack.mjs --addon-only ${platform.name}`);
  return file;
}

/**
 * Builds addons and nothing else, for the machine that has their platform. Needs no npm package.
 * @param {string} folder
 * @param {readonly Platform[]} platforms
 */
async function buildInto(folder, platforms) {
  mkdirSync(folder, { recursive: true });
  for (const platform of platforms) copyFileSync(await buildPublished(platform), join(folder, addonFileOf(platform)));
}

/** @param {string[]} names */
function chosenPlatforms(names) {
  if (names.length === 0 && values.addons !== undefined) return PLATFORMS;
  if (names.length === 0) {
    const here = platformHere();
    if (here === undefined) throw new Failure(`there is no package for ${process.platform} on ${process.arch}.`);
    return [here];
  }
  return names.map((name) => {
    const platform = PLATFORMS.find((one) => one.name === name);
    if (platform !== undefined) return platform;
    throw new Failure(`there is no platform ${name}. There are ${PLATFORMS.map((one) => one.name).join(", ")}.`);
  });
}

/**
 * @param {Tarball} tarball
 * @returns {Promise<string[]>}
 */
async function publint({ name, file }) {
  // Imported here, as this module is loaded before packages are installed.
  const { publint: lint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  // A copy: the memory of a small Buffer is shared.
  const { buffer } = new Uint8Array(readFileSync(file));
  const { messages, pkg } = await lint({ pack: { tarball: buffer }, strict: true });
  // The files of `require` have the types of the modules that they load.
  const wrong = messages.filter(
    (one) => one.code !== "EXPORTS_TYPES_INVALID_FORMAT" || one.args.condition !== "require",
  );
  return wrong.map((message) => `${name}: ${formatMessage(message, pkg) ?? message.code}`);
}

/** @param {Tarball} tarball */
function hasTypes({ files }) {
  return files.some((file) => file.endsWith(".d.ts"));
}

/** @param {number} bytes */
function kib(bytes) {
  return `${Math.round(bytes / 1024).toLocaleString("en")} KiB`;
}
