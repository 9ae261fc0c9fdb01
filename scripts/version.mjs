// @ts-check
// npm run version: makes the version that the changesets ask for, and writes it everywhere, CHANGELOG.md included.
// npm run version -- --check [tag]: fails when two places differ, or when the tag is not that of the version.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { releaseChangelog } from "./changelog.mjs";
import { writePlatforms } from "./platforms.mjs";
import { bin, Failure, main, root, run } from "./setup.mjs";
import { complaintsAbout, currentVersion, readPlaces, writePlaces } from "./version-places.mjs";

const changelog = join(root, "CHANGELOG.md");
const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "package.json"));

main(async () => {
  const [mode, tag] = process.argv.slice(2);
  if (mode === "--check") check(tag);
  else if (mode === undefined) await makeVersion();
  else throw new Failure(`there is no argument ${mode}. There is --check.`);
});

/** @param {string | undefined} tag */
function check(tag) {
  const version = currentVersion(root);
  const places = readPlaces(root);
  const complaints = complaintsAbout(places, version);
  if (complaints.length > 0) throw new Failure(complaints.join("\nerror: "));
  if (tag !== undefined && tag !== `v${version}`) throw new Failure(`the tag is ${tag}, the version is ${version}.`);
  console.log(`${places.length} places have version ${version}`);
}

async function makeVersion() {
  const before = currentVersion(root);
  const text = readFileSync(changelog, "utf8");
  // Before anything is changed, as it fails when nobody has written there.
  releaseChangelog(text, before, "");
  const version = await nextVersion();
  if (version === before) throw new Failure('there is no changeset. Write one: "npx changeset".');
  writePlaces(root, version);
  writePlatforms();
  // What is under "Unreleased" belongs to the release that follows a prerelease.
  if (!version.includes("-")) {
    writeFileSync(changelog, releaseChangelog(text, version, new Date().toISOString().slice(0, 10)));
  }
  await run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]);
  check(undefined);
  console.log(`${before} is now ${version}`);
}

/**
 * Has changesets take its files, and returns the version that follows from them. It does not see what our packages need
 * of each other: for it a package whose peer has a new minor version has a new major one, and so would all.
 */
async function nextVersion() {
  const texts = new Map(packages.map((file) => [file, readFileSync(file, "utf8")]));
  try {
    for (const [file, text] of texts) writeFileSync(file, withoutOurs(text));
    await run(bin("changeset"), ["version"]);
    const [version, ...others] = new Set(packages.map((file) => JSON.parse(readFileSync(file, "utf8")).version));
    if (others.length > 0) throw new Failure(`changesets made several versions: ${[version, ...others].join(", ")}.`);
    return version;
  } finally {
    for (const [file, text] of texts) writeFileSync(file, text);
  }
}

/** @param {string} text of a package.json */
function withoutOurs(text) {
  const manifest = JSON.parse(text);
  for (const section of ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]) {
    if (manifest[section] === undefined) continue;
    const others = Object.entries(manifest[section]).filter(([name]) => !name.startsWith("@connectum/"));
    manifest[section] = Object.fromEntries(others);
  }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
