// Every entry point resolves in the projects of users: by `exports`, and by `main`, `types` and `typesVersions` where
// TypeScript (up to 6) knows only those. The packages are the published files, in a separate node_modules.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly main: string;
  readonly types: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly typesVersions?: { readonly "*": Readonly<Record<string, string[]>> };
}

const root = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "connectum-resolution-"));
after(() => rmSync(project, { recursive: true, force: true }));

const current = join(root, "node_modules/typescript/bin/tsc");
const five = join(root, "__test__/module-resolution/node_modules/typescript/bin/tsc");

const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
const packages = folders.map((folder) => {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return { folder, manifest };
});
const specifiers = packages.flatMap(({ manifest: { name, exports } }) =>
  Object.keys(exports).map((path) => name + path.slice(1)),
);

/** fast-check's own types are for resolutions that know `exports`. */
const NOT_FOR_NODE10 = ["@connectum/testing/arbitrary"];

install();

/** Copies the published files of our packages, and links the others. */
function install(): void {
  const modules = join(project, "node_modules");
  for (const { folder, manifest } of packages) {
    const target = join(modules, manifest.name);
    mkdirSync(target, { recursive: true });
    for (const file of ["package.json", ...manifest.files]) {
      // All packages share the LICENSE of the root, and exceptions begin with "!".
      if (existsSync(join(folder, file))) cpSync(join(folder, file), join(target, file), { recursive: true });
    }
  }
  for (const entry of readdirSync(join(root, "node_modules"))) {
    if (entry.startsWith(".") || entry === "@connectum") continue;
    symlinkSync(join(root, "node_modules", entry), join(modules, entry));
  }
  writeFileSync(join(project, "program.ts"), programOf(specifiers));
  writeFileSync(
    join(project, "node10.ts"),
    programOf(specifiers.filter((specifier) => !NOT_FOR_NODE10.includes(specifier))),
  );
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "program", private: true, type: "module" }));
}

/** An import without types would be `any`, to which everything is assignable. */
function programOf(names: readonly string[]): string {
  const lines = names.flatMap((specifier, index) => [
    `import * as module${index} from "${specifier}";`,
    `const isAny${index}: IsAny<typeof module${index}> = false;`,
  ]);
  return [
    "type IsAny<T> = 0 extends 1 & T ? true : false;",
    ...lines,
    `export const all = [${names.map((_, index) => `isAny${index}, module${index}`).join(", ")}];`,
  ].join("\n");
}

/** The compiler's output for a program of the project. */
async function compile(compiler: string, settings: readonly string[], file = "program.ts"): Promise<string> {
  const strict = [
    "--strict",
    "--noEmit",
    "--types",
    "node",
    "--target",
    "es2022",
    "--lib",
    "es2023,esnext.disposable,dom,dom.iterable",
  ];
  const run = promisify(execFile)(process.execPath, [compiler, ...strict, ...settings, file], { cwd: project });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  return stdout;
}

const node10 = ["--module", "commonjs", "--moduleResolution", "node10", "--esModuleInterop"];

test("the entry points are those of every package", () => {
  assert.equal(packages.length, 11);
  for (const name of [
    "native",
    "core/config",
    "healthcheck/proto",
    "hooks",
    "interceptors/errorHandler",
    "otel/provider",
    "reflection",
    "test-fixtures/types",
    "testing/parity",
    "testing/protofake",
  ]) {
    assert.ok(specifiers.includes(`@connectum/${name}`), name);
  }
});

test("the old compiler is TypeScript 5, the current one is newer", () => {
  const versionOf = (compiler: string) =>
    Number.parseInt(JSON.parse(readFileSync(join(dirname(compiler), "../package.json"), "utf8")).version, 10);
  assert.equal(versionOf(five), 5);
  assert.ok(versionOf(current) > 6);
});

for (const [what, compiler, settings] of [
  ["TypeScript 5 with node10", five, node10],
  ["TypeScript 5 with bundler", five, ["--module", "esnext", "--moduleResolution", "bundler"]],
  ["the current TypeScript with nodenext", current, ["--module", "nodenext"]],
  ["the current TypeScript with bundler", current, ["--module", "esnext", "--moduleResolution", "bundler"]],
] as const) {
  test(`${what}: every entry point has its types`, { timeout: 120_000 }, async () => {
    const file = settings === node10 ? "node10.ts" : "program.ts";
    assert.equal(await compile(compiler, settings, file), "");
  });
}

test("with node10 a missing entry point is an error", { timeout: 60_000 }, async () => {
  writeFileSync(
    join(project, "wrong.ts"),
    'import "@connectum/core/config.js";\nexport * from "@connectum/core/nothing";\n',
  );
  assert.match(await compile(five, node10, "wrong.ts"), /^wrong\.ts\(2,15\): error TS2307/m);
});

test("the files that main and typesVersions name are those of exports", () => {
  for (const { manifest } of packages) {
    const { name, main, types, exports, typesVersions } = manifest;
    const { ".": entry, ...subpaths } = exports;
    assert.deepEqual([types, main], [entry?.["types"], entry?.["import"]], name);
    const expected = Object.entries(subpaths).map(([path, subpath]) => [path.slice(2), [subpath["types"]]]);
    assert.deepEqual(Object.entries(typesVersions?.["*"] ?? {}), expected, name);
  }
});

test("every entry point has the same conditions: types, then the module for all that can load one, then an error", () => {
  for (const { manifest } of packages) {
    for (const [path, conditions] of Object.entries(manifest.exports)) {
      const { types, import: module } = conditions;
      const expected = { types, "module-sync": module, bun: module, import: module, require: conditions["require"] };
      // As entries, because runtimes take the first that they know.
      assert.deepEqual(Object.entries(conditions), Object.entries(expected), `${manifest.name} ${path}`);
    }
  }
});
