// @ts-check
// Why there is no addon: an error for each reason, with the line that mends it.
import process from "node:process";
import { PLATFORMS } from "./platform.js";

const PATH = "CONNECTUM_NATIVE_PATH";
const FROM_SOURCE = `Or build the addon from source (npm run build in a clone, with Rust and a C compiler), and set ${PATH} to its file.`;

/**
 * @typedef {object} Candidate
 * @property {string} file of the addon, an absolute path
 * @property {string | undefined} name of the platform that it is for; undefined if CONNECTUM_NATIVE_PATH names the file
 * @property {boolean} isBuiltHere whether `npm run build` wrote it
 */

/** Whether this is a Node before the first that is supported. Bun and Deno report the Node that they are compatible with. */
export function isTooOld() {
  return Number.parseInt(process.versions.node, 10) < 18;
}

export function oldNode() {
  return problem(`Node ${process.versions.node} is too old. Install Node 18 or newer.`);
}

export function unsupportedPlatform() {
  return problem(
    `there is no prebuilt addon for ${process.platform} on ${process.arch}.`,
    `There is one for ${PLATFORMS.join(", ")}.`,
    FROM_SOURCE,
  );
}

/**
 * @param {string} name of this platform
 * @param {string} version of this package
 */
export function notInstalled(name, version) {
  return problem(
    `the addon for ${name} is missing: the package @connectum/native-${name} is not installed.`,
    "It is an optional dependency. It is left out with --omit=optional, and by npm where the lock file was written on another platform.",
    `Install it: ${installLine(name, version)}`,
    "For good: delete node_modules and the lock file, and install again.",
    FROM_SOURCE,
  );
}

/**
 * @param {string} path as CONNECTUM_NATIVE_PATH has it
 * @param {string} file the absolute path
 */
export function noSuchFile(path, file) {
  return problem(
    `${PATH} is "${path}", and ${file} is no file whose name ends in .node.`,
    "Set it to the file of an addon, or unset it.",
  );
}

/**
 * The runtime did not load the file.
 * @param {Candidate} candidate
 * @param {string} here the name of this platform
 * @param {string} version of this package
 * @param {unknown} error
 */
export function notLoaded({ file, name }, here, version, error) {
  const { code, message } =
    error instanceof Error ? /** @type {NodeJS.ErrnoException} */ (error) : { message: `${error}` };
  const cause = { cause: error };
  if (process.versions["deno"] !== undefined && /--allow-ffi/.test(message)) {
    return problem("Deno was not allowed to load the addon. Run it with --allow-ffi, or --allow-all.", cause);
  }
  if (code === "ERR_DLOPEN_DISABLED") {
    return problem(
      "Node was not allowed to load the addon. Run it without --no-addons; with --permission, add --allow-addons.",
      cause,
    );
  }
  if (name !== undefined && name !== here) {
    return problem(
      `this is ${here}, and the installed addon is for ${name}: node_modules comes from another system.`,
      `Install on this one: ${installLine(here, version)}`,
      cause,
    );
  }
  if (/GLIBC_[\d.]+' not found/.test(message)) {
    return problem(`the C library is too old for the addon: ${message}`, FROM_SOURCE, cause);
  }
  const remedy = name === undefined ? FROM_SOURCE : `Install it again: ${installLine(name, version)}`;
  return problem(`the addon ${file} does not load on ${here}: ${message}`, remedy, cause);
}

/**
 * @param {Candidate} candidate
 * @param {string} version of this package
 * @param {string | undefined} found the addon's; undefined if it says none
 */
export function wrongVersion({ file, name, isBuiltHere }, version, found) {
  return problem(
    `this is version ${version}, and the addon ${file} is ${found === undefined ? "of no version" : `version ${found}`}.`,
    remedy(),
  );

  function remedy() {
    if (name === undefined) return `Set ${PATH} to an addon of version ${version}, or unset it.`;
    return isBuiltHere
      ? "Build it again: npm run build"
      : `Install the addon of this version: ${installLine(name, version)}`;
  }
}

/**
 * @param {string} name of a platform
 * @param {string} version
 */
function installLine(name, version) {
  const addon = `@connectum/native-${name}@${version}`;
  const { bun, deno, pnp } = /** @type {Record<string, string | undefined>} */ (process.versions);
  if (deno !== undefined) return `deno add npm:${addon}`;
  if (bun !== undefined) return `bun add --optional ${addon}`;
  // npm breaks the node_modules of pnpm, and cannot write what Yarn has instead.
  if (pnp !== undefined) return `yarn add ${addon}`;
  if (/[\\/]node_modules[\\/]\.pnpm[\\/]/.test(import.meta.url)) return `pnpm add --save-optional ${addon}`;
  return `npm install --no-save ${addon}`;
}

/**
 * @param {string} first
 * @param {(string | ErrorOptions)[]} rest further lines, and perhaps a cause at the end
 */
function problem(first, ...rest) {
  const cause = rest.find((one) => typeof one === "object");
  const lines = [`@connectum/native: ${first}`, ...rest.filter((one) => typeof one === "string")];
  return new Error(lines.join("\n"), cause);
}
