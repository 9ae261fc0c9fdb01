// @ts-check
// What require() gets of a package: for each entry point a file of CommonJS that loads the module where the runtime or
// a tool can do that, and else says what to do, as packages/native/index.cjs does.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "./run.mjs";

/**
 * Path and text of the file of the `require` condition, for each entry point.
 * @param {string} folder of a package
 * @returns {[path: string, text: string][]}
 */
export function requireEntries(folder) {
  const model = readFileSync(join(root, "packages/native/index.cjs"), "utf8");
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports).map(([path, conditions]) => {
    const specifier = posix.join(name, path);
    const module = posix.relative(posix.dirname(conditions.require), conditions.import);
    const text = model
      .replaceAll("@connectum/native", specifier)
      .replace('"./index.js"', JSON.stringify(module.startsWith(".") ? module : `./${module}`));
    return [join(folder, conditions.require), text];
  });
}
