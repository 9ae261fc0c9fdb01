// @ts-check
// The tests of packages/test-fixtures and packages/testing for each test runner: copies that import `test` of that
// runner. They are beside the installed packages, so that they import what is published.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./run.mjs";

/**
 * @typedef {object} TestRunner
 * @property {string} name also that of its folder
 * @property {string} module which exports its `test`
 * @property {Record<string, string>} packages to install for it
 * @property {boolean} isTypeScript whether it runs TypeScript by itself
 */

/** The packages whose tests these are. */
const PACKAGES = ["test-fixtures", "testing"];

/** By the package manager whose runtime has them. @type {Record<string, readonly TestRunner[]>} */
export const TEST_RUNNERS = {
  npm: [
    { name: "node", module: 'export { test } from "node:test";', packages: {}, isTypeScript: false },
    {
      name: "vitest",
      module: 'export { test } from "vitest";',
      // Vite 7 does not run on Node 18.
      packages: { vitest: "~3.2.7", vite: "^6.4.0" },
      isTypeScript: false,
    },
    {
      name: "jest",
      module: 'export { test } from "@jest/globals";',
      packages: { jest: "~30.5.2", "@jest/globals": "~30.5.2" },
      isTypeScript: false,
    },
  ],
  bun: [{ name: "bun", module: 'export { test } from "bun:test";', packages: {}, isTypeScript: true }],
  deno: [
    {
      name: "deno",
      module: "export const test = (title: string, body: () => void | Promise<void>) => Deno.test(title, body);",
      // For node:assert, which the tests import. The package itself needs no types of Node.
      packages: { "@types/node": "22" },
      isTypeScript: true,
    },
  ],
};

/**
 * Writes a project with a folder for each test runner. It has to be installed.
 * @param {string} folder
 * @param {string} manager
 * @param {Record<string, string>} dependencies
 */
export async function writeTestRunners(folder, manager, dependencies) {
  const runners = TEST_RUNNERS[manager] ?? [];
  mkdirSync(folder, { recursive: true });
  const packages = Object.assign({}, dependencies, ...runners.map((runner) => runner.packages));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: packages }),
  );
  for (const runner of runners) await writeTests(join(folder, runner.name), runner);
}

/**
 * @param {string} folder
 * @param {TestRunner} runner
 */
async function writeTests(folder, { module, isTypeScript }) {
  // Imported here, as this module is loaded before packages are installed.
  const { transform } = await import("esbuild");
  const extension = isTypeScript ? "ts" : "js";
  mkdirSync(folder, { recursive: true });
  // Others do not look for it. Here and not above, where Jest would run the tests of all runners.
  writeFileSync(join(folder, "jest.config.json"), JSON.stringify({ transform: {} }));
  writeFileSync(join(folder, `runner.${extension}`), `${module}\n`);
  /** @param {string} path @param {string} text */
  const write = async (path, text) => {
    const { code } = isTypeScript ? { code: text } : await transform(text, { loader: "ts", target: "node18" });
    writeFileSync(join(folder, basename(path).replace(/ts$/, extension)), code);
  };
  for (const path of PACKAGES.flatMap(testsOf)) {
    const text = readFileSync(path, "utf8").replace('"node:test"', `"./runner.${extension}"`);
    // Generated code, which is copied beside the tests.
    const imported = [...text.matchAll(RELATIVE)].map(([, file = ""]) => file);
    await write(
      path,
      text.replace(RELATIVE, (_, file) => `"./${basename(file).replace(/ts$/, extension)}"`),
    );
    for (const file of imported) {
      const other = join(dirname(path), file);
      await write(other, readFileSync(other, "utf8"));
    }
  }
}

/** An import of another file of the repository. */
const RELATIVE = /(?<=from )"(\.\.\/[^"]+)"/g;

/** @param {string} name of a package */
function testsOf(name) {
  const source = join(root, "packages", name, "src");
  const files = readdirSync(source, { recursive: true }).map(String);
  const tests = files.filter((file) => file.endsWith(".test.ts")).map((file) => join(source, file));
  // The others are about parts that the package does not export.
  return tests.filter((file) => !/ from "\.{1,2}\/(?!.*\/gen\/)/.test(readFileSync(file, "utf8")));
}
