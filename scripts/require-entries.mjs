// @ts-check
// What require() gets of a package: for each entry point a file of CommonJS that loads the module where the runtime or
// a tool can do that, and else says what to do, as packages/native/index.cjs does.
import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "./run.mjs";

/**
 * Writes the file of the `require` condition for each entry point.
 * @param {string} folder of a package
 */
export function writeRequireEntries(folder) {
  const model = readFileSync(join(root, "packages/native/index.cjs"), "utf8");
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const [path, conditions] of Object.entries(exports)) {
    const specifier = posix.join(name, path);
    const module = posix.relative(posix.dirname(conditions.require), conditions.import);
    const text = model
      .replaceAll("@connectum/native", specifier)
      .replace('"./index.js"', JSON.stringify(module.startsWith(".") ? module : `./${module}`));
    writeFileSync(join(folder, conditions.require), text);
  }
}
