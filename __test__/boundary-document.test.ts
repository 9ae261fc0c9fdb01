// docs/boundary.md has everything that index.d.ts exports: a row for each method, and the name of each constant.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const declared = readFileSync(new URL("../packages/native/index.d.ts", import.meta.url), "utf8");
const document = readFileSync(new URL("../docs/boundary.md", import.meta.url), "utf8");

const classes = [...declared.matchAll(/^export declare class (\w+) \{\n(.*?)^\}/gms)];
for (const [, name = "", body = ""] of classes) {
  test(`docs/boundary.md has a row for each method of ${name}`, () => {
    const [, section = ""] = document.split(`\n## ${name}\n`);
    const rows = [...(section.split("\n## ", 1)[0]?.matchAll(/^\| `(?:new )?(\w+)/gm) ?? [])].map(
      ([, method]) => method,
    );
    const methods = [...body.matchAll(/^ {2}(?:get )?(\w+)\(/gm)].map(([, method]) => method);
    assert.ok(methods.length > 2, "it has methods");
    assert.deepEqual(rows, [name, ...methods.filter((method) => method !== "constructor")]);
  });
}

test("docs/boundary.md names each constant of the layout", () => {
  const constants = [...declared.matchAll(/^export declare const ([A-Z][A-Z0-9_]+): number/gm)].map(([, name]) => name);
  assert.ok(constants.length > 40, "there are many");
  assert.deepEqual(
    constants.filter((name) => !document.includes(`\`${name}\``)),
    [],
  );
});
