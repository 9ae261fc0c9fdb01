// What expressions read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRule } from "./expressions.ts";
import { pathsOf } from "./paths.ts";

const cases: [expression: string, paths: string[]][] = [
  ["this > 5", []],
  ["this.a < this.b.c", ["a", "b.c"]],
  ["has(this.a.b)", ["a.b"]],
  ["size(this.tags) == this.count", ["tags", "count"]],
  ["this.items.all(i, i.price > this.least)", ["items", "items.*.price", "least"]],
  ["this.all(k, this[k].a == 1)", ["*.a"]],
  ["this.items[0].id == this.items[1].id", ["items.0.id", "items.1.id"]],
  ["this.labels['a'] == 'b'", ["labels.*"]],
  ["[this.items[2]].all(i, i.price > 0)", ["items.2", "items.2.price"]],
  [
    "this.items.exists(i, i.parts.exists(p, p.id == i.id))",
    ["items", "items.*.parts", "items.*.parts.*.id", "items.*.id"],
  ],
  ["dyn(this).a == 1", ["a"]],
  ["now > this.start", ["start"]],
];

for (const [expression, paths] of cases) {
  test(expression, () => {
    const [rule] = parseRule(expression);
    assert.ok(rule);
    const read = new Set(pathsOf(rule.expression).map((path) => path.join(".")));
    assert.deepEqual([...read].sort(), [...paths].sort());
  });
}
