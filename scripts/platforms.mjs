// @ts-check
// The platforms that have a package with a prebuilt addon: npm/<name>. `npm run generate` writes those folders.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

/**
 * @typedef {object} Platform
 * @property {string} name after `@connectum/native-`, as packages/native/platform.js has it
 * @property {string} rustTarget
 * @property {string} title for people
 * @property {{ os: string[], cpu: string[], libc?: string[] }} fits what package managers select it by
 */

/** @type {readonly Platform[]} */
export const PLATFORMS = [
  {
    name: "darwin-arm64",
    rustTarget: "aarch64-apple-darwin",
    title: "macOS on ARM64",
    fits: { os: ["darwin"], cpu: ["arm64"] },
  },
  {
    name: "darwin-x64",
    rustTarget: "x86_64-apple-darwin",
    title: "macOS on x86-64",
    fits: { os: ["darwin"], cpu: ["x64"] },
  },
  {
    name: "linux-arm64-gnu",
    rustTarget: "aarch64-unknown-linux-gnu",
    title: "Linux on ARM64, with glibc 2.17 or newer",
    fits: { os: ["linux"], cpu: ["arm64"], libc: ["glibc"] },
  },
  {
    name: "linux-arm64-musl",
    rustTarget: "aarch64-unknown-linux-musl",
    title: "Linux on ARM64, with musl",
    fits: { os: ["linux"], cpu: ["arm64"], libc: ["musl"] },
  },
  {
    name: "linux-x64-gnu",
    rustTarget: "x86_64-unknown-linux-gnu",
    title: "Linux on x86-64, with glibc 2.17 or newer",
    fits: { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
  },
  {
    name: "linux-x64-musl",
    rustTarget: "x86_64-unknown-linux-musl",
    title: "Linux on x86-64, with musl",
    fits: { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
  },
  {
    name: "win32-x64-msvc",
    rustTarget: "x86_64-pc-windows-msvc",
    title: "Windows on x86-64",
    fits: { os: ["win32"], cpu: ["x64"] },
  },
];

/**
 * The platform of this machine, as far as it has a package. On Linux that of glibc: musl's is built there, too.
 * @returns {Platform | undefined}
 */
export function platformHere() {
  const here = `${process.platform}-${process.arch}`;
  return PLATFORMS.find(({ name }) => name === here || name === `${here}-gnu` || name === `${here}-msvc`);
}

/** In the package of each platform: the licences of what its addon contains. */
export const THIRD_PARTY_LICENSES = "THIRD-PARTY-LICENSES.txt";

/** @param {Platform} platform */
export function addonFileOf({ name }) {
  return `connectum-native.${name}.node`;
}

/** Writes `npm/<name>` of every platform, in the version of `@connectum/native`. */
export function writePlatforms() {
  for (const [file, text] of platformFiles()) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/**
 * The files of `npm/`, and what has to be in them.
 * @returns {[string, string][]}
 */
export function platformFiles() {
  const { version } = JSON.parse(readFileSync(join(root, "packages/native/package.json"), "utf8"));
  return PLATFORMS.flatMap((platform) => [
    [`npm/${platform.name}/package.json`, `${JSON.stringify(manifestOf(platform, version), null, 2)}\n`],
    [`npm/${platform.name}/README.md`, readmeOf(platform)],
  ]);
}

/**
 * @param {Platform} platform
 * @param {string} version
 */
function manifestOf(platform, version) {
  const file = addonFileOf(platform);
  return {
    name: `@connectum/native-${platform.name}`,
    version,
    description: `The addon of @connectum/native for ${platform.title}`,
    license: "Apache-2.0",
    type: "commonjs",
    main: file,
    files: [file, THIRD_PARTY_LICENSES],
    engines: { node: ">=18" },
    ...platform.fits,
  };
}

/** @param {Platform} platform */
function readmeOf({ name, title }) {
  return [
    `# @connectum/native-${name}`,
    "",
    `The addon of [\`@connectum/native\`](https://www.npmjs.com/package/@connectum/native), built for ${title}.`,
    "Package managers select it by themselves; there is nothing to import.",
    "",
    "Apache-2.0.",
    "",
  ].join("\n");
}
