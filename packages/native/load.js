// @ts-check
// Finds the addon of this platform and loads it, once in a process. problems.js has the words when that fails.
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nameOfThisPlatform, namesHere } from "./platform.js";
import * as problems from "./problems.js";

/** @typedef {typeof import("@connectum/native")} Addon */

const require = createRequire(import.meta.url);
/** Of this package. `npm run version` writes it, so that a bundle has it too. */
const version = "0.1.0";

/**
 * The addon: the file of CONNECTUM_NATIVE_PATH, else one that was built here, else that of the platform's package.
 * @returns {Addon}
 * @throws {Error} that says what is missing or does not fit, and the line that mends it
 */
export function load() {
  if (problems.isTooOld()) throw problems.oldNode();
  const chosen = chosenFile();
  return chosen === undefined ? loadInstalled() : loadFile({ file: chosen, name: undefined, isBuiltHere: false });
}

/** @returns {Addon} */
function loadInstalled() {
  const names = namesHere();
  if (names.length === 0) throw problems.unsupportedPlatform();
  const found = names.flatMap((name) => {
    const built = builtFile(name);
    const file = built ?? installedFile(name);
    return file === undefined ? [] : [{ file, name, isBuiltHere: built !== undefined }];
  });
  const [only] = found;
  if (only === undefined) throw problems.notInstalled(nameOfThisPlatform(names), version);
  // Package managers install the one that fits, so nothing has to be asked. Some install both.
  if (found.length === 1) return loadFile(only);
  const here = nameOfThisPlatform(names);
  return loadFile(found.find(({ name }) => name === here) ?? only);
}

/**
 * @param {import("./problems.js").Candidate} candidate
 * @returns {Addon}
 */
function loadFile(candidate) {
  /** @type {Addon & { readonly VERSION?: string }} */
  let addon;
  try {
    addon = require(candidate.file);
  } catch (error) {
    throw problems.notLoaded(candidate, nameOfThisPlatform(namesHere()), version, error);
  }
  if (addon.VERSION !== version) throw problems.wrongVersion(candidate, version, addon.VERSION);
  return addon;
}

/** The absolute path that CONNECTUM_NATIVE_PATH names. */
function chosenFile() {
  const path = environment("CONNECTUM_NATIVE_PATH");
  if (path === undefined || path === "") return undefined;
  const file = resolve(path);
  // Node would read a file with another ending as JavaScript.
  if (!file.endsWith(".node") || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw problems.noSuchFile(path, file);
  }
  return file;
}

/**
 * The file that `npm run build` writes beside this one. Deno throws where it is not allowed to look.
 * @param {string} name
 */
function builtFile(name) {
  const file = fileURLToPath(new URL(`connectum-native.${name}.node`, import.meta.url));
  try {
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The file of a platform's package.
 * @param {string} name
 */
function installedFile(name) {
  try {
    return require.resolve(`@connectum/native-${name}`);
  } catch {
    return undefined;
  }
}

/**
 * Deno throws where it is not allowed to read the variable.
 * @param {string} name
 */
function environment(name) {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
