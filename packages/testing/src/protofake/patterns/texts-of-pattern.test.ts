// Texts that match patterns in RE2 syntax, judged by the engine that protovalidate has.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RE2JS } from "@bufbuild/re2";
import { Random } from "../random.ts";
import { textsOfPattern, type Wanted } from "./texts-of-pattern.ts";

function texts(pattern: string, wanted: Wanted = {}): string[] {
  return [...textsOfPattern(pattern, new Random(pattern), wanted)];
}

const patterns = [
  "^[a-z]+$",
  "^\\d{3}-\\d{4}$",
  "^(GET|POST|PUT)$",
  "(?i)^hello world$",
  "^a{2,4}b?c*$",
  "^(?:[a-f0-9]{2}:){5}[a-f0-9]{2}$",
  "^\\p{Greek}{4}$",
  "^[^\\x00-\\x7F]{3}$",
  "\\bcat\\b",
  "^\\w+\\b \\w+$",
  "x\\B.",
  "(?m)^one$\\n^two$",
  "(?s)^.{5}$",
  "^\\Q(a.b)\\E$",
  "[[:upper:]][[:punct:]]",
  "^(a|b|)c$",
  "^(([a-z]*)*)*$",
  "(a|^)b",
  "\\A\\x{1F980}\\z",
  "^\\t\\n\\f$",
  "^[\\]^-]+$",
  "",
];

for (const pattern of patterns) {
  test(`texts match: ${pattern}`, () => {
    const found = texts(pattern);
    assert.ok(found.length > 0);
    for (const text of found) assert.ok(RE2JS.compile(pattern).test(text), JSON.stringify(text));
  });
}

test("texts have the lengths that are wanted, in code points", () => {
  for (const text of texts("^[a-z]+(-[a-z]+)*$", { least: 20, most: 22 }))
    assert.ok(text.length >= 20 && text.length <= 22);
  for (const text of texts("^🦀+$", { least: 3, most: 3 })) assert.equal(text, "🦀🦀🦀");
  assert.deepEqual(texts("^a{5}$", { most: 4 }), []);
  assert.deepEqual(texts("^a{5}$", { least: 6 }), []);
});

test("texts begin and end as wanted, where the pattern allows it", () => {
  for (const text of texts("^[A-Z]{3}-\\d{4}$", { prefix: "AB", suffix: "42" })) assert.match(text, /^AB[A-Z]-\d\d42$/);
  for (const text of texts("(?i)^[a-f]{4}$", { prefix: "Ab" })) assert.match(text, /^Ab/);
  assert.deepEqual(texts("^[a-z]{3}$", { prefix: "A" }), []);
  assert.deepEqual(texts("^[a-z]{3}$", { suffix: "1" }), []);
  assert.ok(texts("^(foo|bar)baz$", { prefix: "ba" }).every((text) => text === "barbaz"));
});

test("there are no texts for a pattern that nothing matches, and for one that is invalid", () => {
  assert.deepEqual(texts("a^b$"), []);
  assert.deepEqual(texts("$a"), []);
  assert.deepEqual(texts("(?=a)b"), []);
  assert.deepEqual(texts("["), []);
});

test("texts differ, are mostly short, and are readable where they can be", () => {
  const found = texts("^.+$");
  assert.ok(new Set(found).size > 50);
  assert.ok(found.filter((text) => text.length <= 13).length > found.length / 2);
  for (const text of found) assert.match(text, /^[A-Za-z0-9]+$/);
});

test("a pattern that backtracking engines take forever for takes no time", { timeout: 5000 }, () => {
  assert.ok(texts(`^${"(a?){20}".repeat(3)}a{20}$`).length > 0);
});
