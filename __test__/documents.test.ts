// What the documents say is there, is there.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const outside = new Set(["node_modules", "target", "dist", "gen"]);

/** Files below a folder, but for what is not in git. */
function filesBelow(folder: string, extension: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name.startsWith(".") || outside.has(entry.name) ? [] : filesBelow(path, extension);
    return extension.test(entry.name) ? [path] : [];
  });
}

for (const file of filesBelow(root, /\.md$/)) {
  const name = relative(root, file);
  const text = readFileSync(file, "utf8");

  test(`${name}: its links lead somewhere`, () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link ?? "");
    const broken = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(file), link)));
    assert.deepEqual(broken, []);
  });

  test(`${name}: the scripts it names are those of package.json`, () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const unknown = [...text.matchAll(/npm run ([a-z0-9-]+)/g)]
      .map(([, script]) => script ?? "")
      .filter((script) => !(script in scripts));
    assert.deepEqual(unknown, []);
  });
}

test("docs/architecture.md: the functions and files it names are in the source", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const sources = ["src", "packages/core/src"].flatMap((folder) => filesBelow(join(root, folder), /\.(rs|ts)$/));
  const source = sources.map((file) => readFileSync(file, "utf8")).join("\n");
  const names = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code ?? "")
    .filter((code) => !code.includes(" "))
    .flatMap((code) => (code.includes("/") ? [code] : (code.match(/[A-Za-z_]\w*/g) ?? [])));
  assert.ok(names.length > 80, "it names many");
  const missing = names.filter((name) =>
    name.includes("/")
      ? !existsSync(join(root, name))
      : !existsSync(join(root, name)) && !new RegExp(`\\b${name}\\b`).test(source),
  );
  assert.deepEqual(missing, []);
});

test("README.md: its code is that of examples/hello, which the demo runs", () => {
  const example = filesBelow(join(root, "examples/hello"), /\.ts$/).map((file) => readFileSync(file, "utf8"));
  const known = new Set(
    example
      .join("\n")
      .split("\n")
      .map((line) => line.trim()),
  );
  const blocks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)];
  assert.ok(blocks.length >= 2);
  const strange = blocks.flatMap(([, code]) => (code ?? "").split("\n")).filter((line) => !known.has(line.trim()));
  assert.deepEqual(strange, []);
});
