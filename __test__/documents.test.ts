// Links, scripts, members and files that the documents name exist.
import assert from "node:assert/strict";
import * as events from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as connect from "@connectrpc/connect";
import { readDeclarations, wrongNames } from "../scripts/document-names.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const outside = new Set(["node_modules", "target", "dist", "gen"]);

/** Files below a folder, without those that are not in git. */
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

  test(`${name}: the targets of its links exist`, () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link ?? "");
    const broken = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(file), link)));
    assert.deepEqual(broken, []);
  });

  test(`${name}: the scripts it names are in package.json`, () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const unknown = [...text.matchAll(/npm run ([a-z0-9-]+)/g)]
      .map(([, script]) => script ?? "")
      .filter((script) => !(script in scripts));
    assert.deepEqual(unknown, []);
  });
}

const sources = [
  join(root, "packages/native/index.d.ts"),
  ...["src", "packages", "bench"].flatMap((name) => filesBelow(join(root, name), /(?<!\.test)\.(rs|ts)$/)),
];
const declarations = readDeclarations(sources.map((file) => [relative(root, file), readFileSync(file, "utf8")]));
const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

const protos = ["proto", "packages/healthcheck/proto", "packages/reflection/proto"].map((folder) => join(root, folder));
const libraries = [globalThis, connect, events];

/** Whether such a file or folder exists below one of these; `*` is any name. */
function existsBelow(bases: readonly string[], path: string): boolean {
  const [name = "", ...rest] = path.split("/");
  if (!name.includes("*")) {
    const found = bases.map((base) => join(base, name)).filter((file) => existsSync(file));
    return found.length > 0 && (rest.length === 0 || existsBelow(found, rest.join("/")));
  }
  const pattern = new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  const found = bases
    .filter((base) => statSync(base).isDirectory())
    .flatMap((base) => readdirSync(base).flatMap((one) => (pattern.test(one) ? [join(base, one)] : [])));
  return found.length > 0 && (rest.length === 0 || found.some((base) => existsBelow([base], rest.join("/"))));
}

for (const file of filesBelow(root, /\.md$/)) {
  test(`${relative(root, file)}: the members and files it names exist`, () => {
    // Relative to the root or to the document, or as a .proto file imports another.
    const bases = [root, dirname(file), ...protos];
    const exists = (path: string) => existsBelow(bases, path);
    const wrong = wrongNames(readFileSync(file, "utf8"), {
      declarations,
      libraries,
      folders,
      exists,
    });
    assert.deepEqual(wrong, []);
  });
}

test("docs/architecture.md: the words in backticks are in the source", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const source = sources.map((file) => readFileSync(file, "utf8")).join("\n");
  const words = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code ?? "")
    .filter((code) => !/[ /]/.test(code))
    .flatMap((code) => code.match(/[A-Za-z_]\w*/g) ?? []);
  assert.ok(words.length > 80, "it has many");
  const missing = words.filter((word) => !existsSync(join(root, word)) && !new RegExp(`\\b${word}\\b`).test(source));
  assert.deepEqual(missing, []);
});

test("a wrong name in a document of this repository would be found", () => {
  const text = `${readFileSync(join(root, "docs/architecture.md"), "utf8")}\n\`NativeServer.listened\`, \`src/rpc/gone.rs\``;
  const exists = (path: string) => existsBelow([root, join(root, "docs")], path);
  assert.deepEqual(wrongNames(text, { declarations, libraries, folders, exists }), [
    "NativeServer.listened: NativeServer has no listened",
    "src/rpc/gone.rs: there is no such file",
  ]);
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

test("every test file begins with a comment about what it tests", () => {
  const files = ["__test__", "packages/core/src"].flatMap((folder) => filesBelow(join(root, folder), /\.test\.ts$/));
  assert.ok(files.length > 80, "there are many");
  const silent = files.filter((file) => !/^\/\/ \S+ /.test(readFileSync(file, "utf8")));
  assert.deepEqual(
    silent.map((file) => relative(root, file)),
    [],
  );
});
