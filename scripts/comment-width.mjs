// @ts-check
// Comments wider than the formatters' limit for code: rustfmt and Biome do not wrap comments.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "./run.mjs";

/** As in biome.json and rustfmt.toml. */
const WIDTH = 120;

/** The beginning of a comment: at the beginning of a line, or after code and a space. */
const COMMENT = /(?:^\s*(?:\/\/|\/\*|\*)|\s\/\/[/!]? )/;
const PYTHON_COMMENT = /(?:^\s*|\s{2})#/;

/** Sources with hand-written comments. */
const SOURCE = /\.(?:rs|[cm]?ts|mjs|py)$/;
const GENERATED = /(?:^|\/)gen\/|^index\.d\.ts$/;

/**
 * @param {string} path
 * @param {string} source
 * @returns {string[]} each begins with the number of a line
 */
export function longComments(path, source) {
  const comment = path.endsWith(".py") ? PYTHON_COMMENT : COMMENT;
  return source.split("\n").flatMap((line, at) => {
    const columns = [...line].length;
    return columns > WIDTH && comment.test(line) ? [`${at + 1}: a comment of ${columns} columns, of ${WIDTH}`] : [];
  });
}

/**
 * The long comments of every source that is in git.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function checkComments(root) {
  const { stdout } = await capture("git", ["ls-files", "-z"], { cwd: root });
  const sources = stdout.split("\0").filter((path) => SOURCE.test(path) && !GENERATED.test(path));
  return sources.flatMap((path) =>
    longComments(path, readFileSync(join(root, path), "utf8")).map((complaint) => `${path}:${complaint}`),
  );
}
