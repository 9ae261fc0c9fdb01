// The checks of imports in `npm run lint`, including Biome's, each on a tree with one deliberate fault.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkImports, importsOf } from "../scripts/import-graph.mjs";
import { bin, capture, root } from "../scripts/setup.mjs";

type Files = Record<string, string>;

/** A folder with these files, removed at the end of the test. */
function plant(t: TestContext, files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "imports-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

/** Files of a package, each as its path in `src` and the paths that it imports. */
function packageOf(name: string, imports: Record<string, string[]>): Files {
  return Object.fromEntries(
    Object.entries(imports).map(([file, names]) => [
      `packages/${name}/src/${file}`,
      names.map((one) => `import type { A } from "${one}";\n`).join(""),
    ]),
  );
}

const rules = { order: { core: ["low", "high"] }, known: [], least: 1 };

const sound: Files = {
  ...packageOf("core", {
    "index.ts": ["./high/server.ts", "./low/option.ts"],
    "high/server.ts": ["../low/option.ts", "./name.ts", "node:net"],
    "high/name.ts": [],
    "low/option.ts": [],
    "low/option.test.ts": ["../high/server.ts", "./option.ts", "../index.ts"],
  }),
  ...packageOf("free", { "index.ts": ["./a/one.ts", "@connectum/core"], "a/one.ts": ["../b/two.ts"], "b/two.ts": [] }),
};

test("imports in one direction pass; those of tests may have any direction", (t) => {
  const { summary, complaints } = checkImports(plant(t, sound), rules);
  assert.deepEqual([summary, complaints], ["8 modules with 9 imports of each other", []]);
});

const faults: [what: string, Files, expected: string[]][] = [
  [
    "two files that import each other",
    packageOf("core", { "high/name.ts": ["./server.ts"] }),
    [
      "files import each other: packages/core/src/high/name.ts -> packages/core/src/high/server.ts -> packages/core/src/high/name.ts",
    ],
  ],
  [
    "three files in a circle, which is reported once",
    packageOf("free", { "a/one.ts": ["./two.ts"], "a/two.ts": ["./three.ts"], "a/three.ts": ["./one.ts", "./two.ts"] }),
    [
      "files import each other: packages/free/src/a/one.ts -> packages/free/src/a/two.ts -> packages/free/src/a/three.ts -> packages/free/src/a/one.ts",
    ],
  ],
  [
    "a file that imports itself",
    packageOf("core", { "low/option.ts": ["./option.ts"] }),
    ["files import each other: packages/core/src/low/option.ts -> packages/core/src/low/option.ts"],
  ],
  [
    "a circle through an export",
    {
      "packages/core/src/low/option.ts": 'export type {\n  A,\n  B,\n} from "./other.ts";\n',
      ...other("low", "option.ts"),
    },
    [
      "files import each other: packages/core/src/low/option.ts -> packages/core/src/low/other.ts -> packages/core/src/low/option.ts",
    ],
  ],
  [
    "a circle through an import() when it runs",
    { "packages/core/src/low/option.ts": 'const a = await import("./other.ts");\n', ...other("low", "option.ts") },
    [
      "files import each other: packages/core/src/low/option.ts -> packages/core/src/low/other.ts -> packages/core/src/low/option.ts",
    ],
  ],
  [
    "a folder that imports one above it",
    packageOf("core", { "low/other.ts": ["../high/name.ts"] }),
    ["packages/core/src/low/other.ts:1 imports packages/core/src/high/name.ts: low may import no other folder"],
  ],
  [
    "a folder that imports an entry point",
    packageOf("core", { "high/other.ts": ["./name.ts", "../index.ts"] }),
    ["packages/core/src/high/other.ts:2 imports packages/core/src/index.ts: high may import low"],
  ],
  [
    "a folder that has no place in the order",
    packageOf("core", { "new/one.ts": ["../low/option.ts"] }),
    ["packages/core/src/new/one.ts:1: the folder new has no place in the order of folders"],
  ],
  [
    "folders that import each other, in a package without an order",
    packageOf("free", { "b/three.ts": ["../a/four.ts"], "a/four.ts": [] }),
    ["folders import each other: packages/free/src/a -> packages/free/src/b -> packages/free/src/a"],
  ],
  [
    "a folder that imports an entry point, in a package without an order",
    packageOf("free", { "b/three.ts": ["../types.ts"], "types.ts": [] }),
    ["folders import each other: packages/free/src -> packages/free/src/a -> packages/free/src/b -> packages/free/src"],
  ],
  [
    "packages that import each other",
    packageOf("core", { "low/other.ts": ["@connectum/free"] }),
    ["packages import each other: core -> free -> core"],
  ],
  [
    "a test that imports a package which imports its own",
    packageOf("core", { "low/other.test.ts": ["@connectum/free"] }),
    ["packages import each other: core -> free -> core"],
  ],
  [
    "a package that imports itself by its name",
    packageOf("core", { "low/other.ts": ["@connectum/core/types"] }),
    ["packages/core/src/low/other.ts:1 imports @connectum/core/types, its own package: import the file"],
  ],
  [
    "a source that imports from the tests",
    packageOf("core", {
      "low/other.ts": ["../../../../__test__/support/serve.ts"],
      "low/other.test.ts": ["../../../../__test__/a.ts"],
    }),
    ["packages/core/src/low/other.ts:1 imports __test__/support/serve.ts, which is not in its package"],
  ],
  [
    "a source that imports a file of another package",
    packageOf("core", { "low/other.ts": ["../../../free/src/b/two.ts"] }),
    [
      "packages/core/src/low/other.ts:1 imports packages/free/src/b/two.ts, which is not in its package",
      "packages import each other: core -> free -> core",
    ],
  ],
  [
    "an import that was not understood",
    packageOf("core", { "low/other.ts": ["./gone.ts"] }),
    ["packages/core/src/low/other.ts:1: there is no module packages/core/src/low/gone.ts"],
  ],
];

/** A second file of a folder in core, which imports the first one. */
function other(folder: string, file: string): Files {
  return packageOf("core", { [`${folder}/other.ts`]: [`./${file}`] });
}

for (const [what, files, expected] of faults) {
  test(`${what}: it is reported`, (t) => {
    assert.deepEqual(checkImports(plant(t, { ...sound, ...files }), rules).complaints, expected);
  });
}

test("a reader that finds no modules fails", (t) => {
  const { complaints } = checkImports(plant(t, sound), { ...rules, least: 10 });
  assert.deepEqual(complaints, [
    "only 8 modules were read, of at least 10",
    "only 9 imports were read, of at least 10",
  ]);
});

test("a known exception passes, and is reported when it no longer exists", (t) => {
  const files = packageOf("core", { "low/other.ts": ["../high/name.ts"] });
  const arrow = "packages/core/src/low/other.ts -> packages/core/src/high/name.ts";
  const known = { ...rules, known: [arrow] };
  assert.deepEqual(checkImports(plant(t, { ...sound, ...files }), known).complaints, []);
  assert.deepEqual(checkImports(plant(t, sound), known).complaints, [`${arrow} is gone: remove it from KNOWN`]);
});

test("imports are found in every form, but not in comments", () => {
  const source = `// import a from "./comment.ts";
import "./effect.ts";
import a, { b } from "./names.ts";
import type {
  c,
} from "./lines.ts";
export * from "../all.ts";
export const d = 1;
/**
 * import { e } from "./example.ts";
 * \`import("./example.ts")\`
 */
let f: import("./type.ts").F = await import("./later.ts"); // import("./comment.ts")
`;
  assert.deepEqual(
    importsOf("packages/core/src/low/a.ts", source).map(({ to, line }) => `${line} ${to}`),
    [
      "2 packages/core/src/low/effect.ts",
      "3 packages/core/src/low/names.ts",
      "6 packages/core/src/low/lines.ts",
      "7 packages/core/src/all.ts",
      "13 packages/core/src/low/type.ts",
      "13 packages/core/src/low/later.ts",
    ],
  );
});

/** Biome's complaints about a folder, under the rules of this repository. */
async function biome(t: TestContext, files: Files) {
  const folder = plant(t, files);
  cpSync(join(root, "biome.json"), join(folder, "biome.json"));
  const { code, stdout, stderr } = await capture(bin("biome"), ["lint", "--error-on-warnings"], { cwd: folder });
  const about = [...(stdout + stderr).matchAll(/^(\S+):\d+:\d+ (lint\/\S+)/gm)].map(
    ([, file, rule]) => `${file} ${rule}`,
  );
  return { code, about: about.sort() };
}

const value = (name: string, from: string) =>
  `import { ${from} } from "./${from}.ts";\nexport const ${name} = () => ${from};\n`;
const type = (name: string, from: string) =>
  `import type { ${from} } from "./${from}.ts";\nexport type ${name} = ${from} | 1;\n`;

for (const [what, form] of Object.entries({ values: value, types: type })) {
  const circle = { "src/A.ts": form("A", "B"), "src/B.ts": form("B", "C"), "src/C.ts": form("C", "A") };

  test(`Biome fails on a circle of imports of ${what}`, async (t) => {
    const { code, about } = await biome(t, circle);
    assert.equal(code, 1);
    const rule = "lint/suspicious/noImportCycles";
    assert.deepEqual(about, [`src/A.ts ${rule}`, `src/B.ts ${rule}`, `src/C.ts ${rule}`]);
  });

  test(`Biome passes imports of ${what} without a circle`, async (t) => {
    assert.deepEqual(await biome(t, { ...circle, "src/C.ts": "export const C = 1;\nexport type C = 1;\n" }), {
      code: 0,
      about: [],
    });
  });
}
