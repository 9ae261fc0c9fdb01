// @ts-check
// CHANGELOG.md: people write under "Unreleased", and a release gives that section its version.
import { Failure } from "./run.mjs";

const HEADING = "## Unreleased";
/** The text up to that heading, and the section below it. */
const UNRELEASED = /^([\s\S]*?^## Unreleased\n)([\s\S]*?)(?=^## |(?![\s\S]))/m;

/**
 * The text with "Unreleased" as a version, and an empty "Unreleased" above it. Fails when nothing has been written.
 * @param {string} text
 * @param {string} version
 * @param {string} date as 2026-12-31
 */
export function releaseChangelog(text, version, date) {
  const [, before, section] = UNRELEASED.exec(text) ?? [];
  if (before === undefined || section === undefined) throw new Failure(`CHANGELOG.md has no "${HEADING}".`);
  const isEntry = (/** @type {string} */ line) => line.trim() !== "" && !line.startsWith("#");
  if (!section.split("\n").some(isEntry)) {
    throw new Failure(`CHANGELOG.md has nothing under "${HEADING}". Write there what users have to know.`);
  }
  return `${before}\n## ${version} - ${date}\n${text.slice(before.length)}`;
}
