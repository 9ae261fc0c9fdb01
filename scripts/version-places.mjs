// @ts-check
// Every place that has our version: packages/*, what they need of each other, npm/*, the examples, and the crate. All
// have the same one, and packages/native is where the others get it from.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Place
 * @property {string} file from the root of the repository
 * @property {string} name of the package or crate whose version it is
 * @property {string} version
 */

/** As Biome, npm and cargo write them. Each matches the version alone. */
const OWN_VERSION = /(?<=^ {2}"name": "(?<name>[^"]+)",\n {2}"version": ")[^"]+/gm;
const NEEDED_VERSION = /(?<=^ {4}"(?<name>@connectum\/[^"]+)": "\^?)\d[^"]*/gm;
const LOADER_VERSION = /(?<=^const version = ")(?<name>)[^"]+/gm;
const CRATE_VERSION = /(?<=^name = "(?<name>connectum-native)"\nversion = ")[^"]+/gm;

/**
 * All places.
 * @param {string} root of the repository
 * @returns {Place[]}
 */
export function readPlaces(root) {
  const written = patterns(root).flatMap(([file, pattern]) => {
    const found = [...readFileSync(join(root, file), "utf8").matchAll(pattern)];
    return found.map(({ 0: version, groups }) => ({ file, name: groups?.["name"] ?? "", version }));
  });
  return [...written, ...lockedPlaces(root)];
}

/**
 * Writes a version to all places but package-lock.json, which is npm's.
 * @param {string} root of the repository
 * @param {string} version
 */
export function writePlaces(root, version) {
  for (const [file, pattern] of patterns(root)) {
    const text = readFileSync(join(root, file), "utf8");
    writeFileSync(join(root, file), text.replace(pattern, version));
  }
}

/**
 * The version of packages/native.
 * @param {string} root of the repository
 * @returns {string}
 */
export function currentVersion(root) {
  return JSON.parse(readFileSync(join(root, "packages/native/package.json"), "utf8")).version;
}

/**
 * The places with another version, in words.
 * @param {readonly Place[]} places
 * @param {string} version
 */
export function complaintsAbout(places, version) {
  const wrong = places.filter((place) => place.version !== version);
  return wrong.map((place) => `${place.file}: ${place.name} is ${place.version}, not ${version}`);
}

/**
 * @param {string} root
 * @returns {[file: string, pattern: RegExp][]}
 */
function patterns(root) {
  const packages = manifestsIn(root, "packages");
  return [
    ...perFile(packages, OWN_VERSION),
    ...perFile(packages, NEEDED_VERSION),
    ...perFile(manifestsIn(root, "npm"), OWN_VERSION),
    ...perFile(manifestsIn(root, "examples"), NEEDED_VERSION),
    ...perFile(["packages/native/load.js"], LOADER_VERSION),
    ...perFile(["Cargo.toml", "Cargo.lock", "fuzz/Cargo.lock"], CRATE_VERSION),
  ];
}

/**
 * @param {string[]} files
 * @param {RegExp} pattern
 * @returns {[file: string, pattern: RegExp][]}
 */
function perFile(files, pattern) {
  return files.map((file) => [file, pattern]);
}

/**
 * @param {string} root
 * @param {string} folder
 */
function manifestsIn(root, folder) {
  const files = readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`);
  return files.filter((file) => existsSync(join(root, file)));
}

/**
 * @param {string} root
 * @returns {Place[]}
 */
function lockedPlaces(root) {
  const file = "package-lock.json";
  /** @type {{ packages: Record<string, Partial<Place>> }} */
  const { packages } = JSON.parse(readFileSync(join(root, file), "utf8"));
  const ours = Object.entries(packages).filter(([path]) => /^packages\/[^/]+$/.test(path));
  return ours.map(([path, { name = path, version = "of no version" }]) => ({ file, name, version }));
}
