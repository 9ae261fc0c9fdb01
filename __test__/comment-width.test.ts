// The check of comments in `npm run lint`: lines that are too long are found, and code is left to the formatters.
import assert from "node:assert/strict";
import { test } from "node:test";
import { longComments } from "../scripts/comment-width.mjs";

/** A line of `columns` columns that starts with `begin`. */
const line = (begin: string, columns: number) => `${begin} ${"word ".repeat(40)}`.slice(0, columns - 1).concat("w");

const comments: [what: string, path: string, begin: string][] = [
  ["a line", "a.ts", "//"],
  ["an indented line", "a.mjs", "    //"],
  ["a line of a block", "a.ts", "   *"],
  ["a block in one line", "a.ts", "  /**"],
  ["behind code", "a.ts", "const a = 1; //"],
  ["of an item of Rust", "a.rs", "    ///"],
  ["of a module of Rust", "a.rs", "//!"],
  ["behind code of Rust", "a.rs", "let a = 1; //"],
  ["of Python", "a.py", "    #"],
  ["behind code of Python", "a.py", "a = 1  #"],
];

for (const [what, path, begin] of comments) {
  test(`a comment of more than 120 columns is found: ${what}`, () => {
    const source = `first\n${line(begin, 121)}\n${line(begin, 120)}\n`;
    assert.deepEqual(longComments(path, source), ["2: a comment of 121 columns, of 120"]);
  });
}

for (const [what, path, begin] of [
  ["a text", "a.ts", 'const url = "https://example.com/'],
  ["a product", "a.ts", "const a = b * c +"],
  ["an attribute of Rust", "a.rs", "#[doc = "],
  ["a text of Python", "a.py", 'a = "#'],
] as const) {
  test(`code of more than 120 columns is left to the formatters: ${what}`, () => {
    assert.deepEqual(longComments(path, line(begin, 130)), []);
  });
}

test("columns are characters, not UTF-16 code units", () => {
  assert.deepEqual(longComments("a.ts", `// ${"👋".repeat(117)}`), []);
});
