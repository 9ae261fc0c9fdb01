// @ts-check
// Markers in tests, `// contract: S1, S2`, name the rules that a test proves. This reads source as text, and knows
// neither the rules nor the files.

/**
 * @typedef {object} Proof
 * @property {string} id the rule
 * @property {string} title of the test, as in the source
 */

/**
 * @typedef {object} Marked
 * @property {Proof[]} proofs
 * @property {string[]} complaints each begins with the number of a line
 */

/**
 * The test below a marker; null when there is none.
 * @typedef {(below: string) => { title: string, mayBeSkipped: boolean } | null} TestReader
 */

/** A long list of rules takes several lines. */
const moreMarkers = /^(\s*\/\/ contract:.*\n)+/;

/** The kinds of files that can prove something, by their paths. */
const kinds = /** @type {[RegExp, TestReader][]} */ ([
  [/^__test__\/parity\/cases\/[\w-]+\.ts$/, parityCase],
  [/^__test__\/types\/[\w-]+\.ts$/, compiledSection],
  [/^(__test__|packages\/[\w-]+\/src(?:\/[\w-]+)*)\/[\w-]+\.test\.ts$/, nodeTest],
  [/\.rs$/, rustTest],
]);

/**
 * @param {string} path from the root of the repository
 * @param {string} source
 * @returns {Marked}
 */
export function readMarkers(path, source) {
  const readTest = kinds.find(([pattern]) => pattern.test(path))?.[1];
  const lines = source.split("\n");
  /** @type {Marked} */
  const found = { proofs: [], complaints: [] };
  for (const [at, line] of lines.entries()) {
    const [, list] = /^\s*\/\/ contract:(.*)$/.exec(line) ?? [];
    if (list === undefined) continue;
    const ids = list.split(",").map((id) => id.trim());
    const test =
      readTest?.(
        lines
          .slice(at + 1)
          .join("\n")
          .replace(moreMarkers, ""),
      ) ?? null;
    if (test === null) found.complaints.push(`${at + 1}: the marker is not directly above a test that is run`);
    else if (test.mayBeSkipped) found.complaints.push(`${at + 1}: a test that may be skipped proves nothing`);
    else found.proofs.push(...ids.map((id) => ({ id, title: test.title })));
  }
  return found;
}

/** @type {TestReader} */
function nodeTest(below) {
  const head = /^\s*test(\.\w+)?\(\s*(["'`])((?:\\.|(?!\2)[^\\])*)\2([\s\S]*?)=>/.exec(below);
  if (head === null) return null;
  const [, variant, , title = "", options = ""] = head;
  return { title, mayBeSkipped: variant !== undefined || /\b(skip|todo)\b/.test(options) };
}

/** @type {TestReader} */
function rustTest(below) {
  const head = /^((?:\s*#\[[^\n]*\]\n)+)\s*(?:async )?fn (\w+)/.exec(below);
  if (head === null) return null;
  const [, attributes = "", title = ""] = head;
  return /#\[(\w+::)?test\b/.test(attributes) ? { title, mayBeSkipped: attributes.includes("#[ignore") } : null;
}

/** A row of the table that `npm run parity` sends. @type {TestReader} */
function parityCase(below) {
  const [, quoted, name] = /^\s*(?:"([^"\n]+)"|(\w+)):/.exec(below) ?? [];
  const title = quoted ?? name;
  return title === undefined ? null : { title, mayBeSkipped: false };
}

/** A section of a file that only has to compile: its title is its first comment. @type {TestReader} */
function compiledSection(below) {
  const [, title] = /^\s*\/\/ (.+?)\.?\n/.exec(below) ?? [];
  return title === undefined ? null : { title, mayBeSkipped: false };
}
