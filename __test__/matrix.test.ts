// docs/guide/runtimes.md shows a run of the checks that there are, on the runtimes that there are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKS } from "../matrix/checks.ts";
import { root } from "../scripts/run.mjs";
import { RUNTIMES } from "../scripts/runtime.mjs";
import { TYPESCRIPTS } from "../scripts/typescripts.mjs";

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const guide = readFileSync(join(root, "docs/guide/runtimes.md"), "utf8");
/** The tables of the guide, as cells. */
const tables = guide.split(/\n\n/).flatMap((part) => {
  const lines = part.split("\n").filter((line) => line.startsWith("|"));
  return lines.length > 2 ? [lines.map(cellsOf)] : [];
});

test("the table of runtimes has a row for each check and a column for each runtime, and no gap", () => {
  const [[, ...columns] = [], , ...rows] = tables[0] ?? [];
  const names = columns.map((name) => name.toLowerCase().replace(" ", "-"));
  assert.deepEqual(names, RUNTIMES);
  assert.deepEqual(
    rows.map(([check]) => check),
    CHECKS.map(({ name }) => name),
  );
  for (const [check, ...cells] of rows) {
    assert.equal(cells.length, RUNTIMES.length, check);
    for (const cell of cells) assert.match(cell, /^(yes|—)/, check);
  }
});

test("the table of types has a row for each TypeScript", () => {
  const table = tables.find(([head]) => head?.includes("node16")) ?? [];
  const rows = table.slice(2).map(([name]) => name);
  assert.deepEqual(
    rows,
    TYPESCRIPTS.map(([version]) => `TypeScript ${version}`),
  );
});

test("README.md counts the checks", () => {
  assert.ok(readFileSync(join(root, "README.md"), "utf8").includes(`[${CHECKS.length} checks]`));
});
