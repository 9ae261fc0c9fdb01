// The ways in which expressions are true.
import assert from "node:assert/strict";
import { test } from "node:test";
import { alternatives } from "./alternatives.ts";

const cases: [expression: string, ways: string[][]][] = [
  ["this > 5", [["this > 5"]]],
  ["this > 5 && this < 9", [["this > 5", "this < 9"]]],
  ["this > 5 || this == 0", [["this > 5"], ["this == 0"]]],
  ["!(this > 5 || this == 0)", [["!(this > 5)", "!(this == 0)"]]],
  ["!(this > 5 && this < 9)", [["!(this > 5)"], ["!(this < 9)"]]],
  ["!!this.a", [["this.a"]]],
  [
    "this.a ? this.b : this.c",
    [
      ["this.a", "this.b"],
      ["!(this.a)", "this.c"],
    ],
  ],
  ["this > 5 ? '' : 'too small'", [["this > 5"]]],
  ["this <= 5 ? 'too small' : ''", [["!(this <= 5)"]]],
  ["this < 1 ? 'small' : this > 9 ? 'great' : ''", [["!(this < 1)", "!(this > 9)"]]],
  ["this.a ? true : this.b", [["this.a"], ["!(this.a)", "this.b"]]],
  [
    "(this.a || this.b) && (this.c || this.d)",
    [
      ["this.a", "this.c"],
      ["this.a", "this.d"],
      ["this.b", "this.c"],
      ["this.b", "this.d"],
    ],
  ],
  ["has(this.a) && this.a.size() > 1", [["has(this.a)", "this.a.size() > 1"]]],
  // Never true, and not CEL: the validator says so.
  ["false", [["false"]]],
  ["this >", [["this >"]]],
];

for (const [expression, ways] of cases) {
  test(expression, () => assert.deepEqual(alternatives(expression), ways));
}

test("of `all` there is a part for each of the first items, if it is about a list", () => {
  const [parts = []] = alternatives("this.items.all(i, i.price > 0)");
  assert.equal(parts.length, 9);
  const guard = "type(this.items) != list || size(this.items) <= 1";
  assert.equal(parts[1], `${guard} || [this.items[1]].all(i, i.price > 0)`);
  assert.equal(parts[8], "this.items.all(i, i.price > 0)");
});

test("there are at most twelve ways", () => {
  assert.equal(alternatives(Array.from({ length: 40 }, (_, index) => `this == ${index}`).join(" || ")).length, 12);
  const pairs = Array.from({ length: 20 }, (_, index) => `(this.a${index} || this.b${index})`).join(" && ");
  assert.equal(alternatives(pairs).length, 12);
});
