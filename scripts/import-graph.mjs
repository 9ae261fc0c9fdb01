// @ts-check
// Import statements of the packages, including imports of types: no circle between files, folders or packages, and
// one direction between folders. Reads source as text, so that the compiler cannot have erased anything.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * @typedef {object} Import
 * @property {string} from the importing file, from the root of the repository
 * @property {number} line
 * @property {string} to the imported file, or the name of a package
 */

/**
 * For each package the folders of its `src`, each of which may import those before it. The files in `src` itself are
 * entry points: they may import every folder, and no folder imports them.
 * @type {Record<string, string[]>}
 */
const ORDER = {
  core: ["options", "codec", "catalog", "boundary", "services", "http", "calls", "local", "server"],
  cli: ["failures", "reflection", "buf", "commands", "program", "utils"],
  testing: ["order", "servers", "mocks", "protofake", "telemetry", "parity", "recordings"],
  otel: ["faults", "environment", "conventions", "sdk", "provider", "spans", "logs", "calls"],
};

/** Exceptions from the order: "<file> -> <file>". @type {string[]} */
const KNOWN = [];

/** A reader that finds no modules or imports would find no circle either. */
const LEAST = 50;

/**
 * @param {string} root of the repository
 * @param {{ order?: Record<string, string[]>, known?: string[], least?: number }} [rules]
 * @returns {{ summary: string, complaints: string[] }}
 */
export function checkImports(root, { order = ORDER, known = KNOWN, least = LEAST } = {}) {
  const modules = sourceFiles(root);
  const imports = modules.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")));
  const inside = imports.filter(({ to }) => modules.includes(to));
  const complaints = [
    ...(modules.length < least ? [`only ${modules.length} modules were read, of at least ${least}`] : []),
    ...(inside.length < least ? [`only ${inside.length} imports were read, of at least ${least}`] : []),
    ...imports
      .filter(({ to }) => isSource(to) && !modules.includes(to))
      .map(({ from, line, to }) => `${from}:${line}: there is no module ${to}`),
    ...imports
      .filter((one) => isOfItself(one))
      .map(({ from, line, to }) => `${from}:${line} imports ${to}, its own package: import the file`),
    ...imports
      .filter((one) => isOutside(one))
      .map(({ from, line, to }) => `${from}:${line} imports ${to}, which is not in its package`),
    ...circles(inside.map(({ from, to }) => [from, to])).map((circle) => `files import each other: ${circle}`),
    ...orderComplaints(inside, order, known),
    ...folderCircles(inside, order, known),
    ...circles(imports.flatMap(betweenPackages)).map((circle) => `packages import each other: ${circle}`),
    ...known
      .filter((arrow) => !inside.some(({ from, to }) => arrow === `${from} -> ${to}`))
      .map((arrow) => `${arrow} is gone: remove it from KNOWN`),
  ];
  return { summary: `${modules.length} modules with ${inside.length} imports of each other`, complaints };
}

/**
 * Imports from a folder into one above it.
 * @param {Import[]} imports
 * @param {Record<string, string[]>} order
 * @param {string[]} known
 */
function orderComplaints(imports, order, known) {
  return betweenFolders(imports, known).flatMap(({ packageName, from, line, to, folder, target }) => {
    const folders = order[packageName];
    if (folders === undefined) return [];
    const missing = [folder, target].find((name) => name !== ENTRY && !folders.includes(name));
    if (missing !== undefined) return [`${from}:${line}: the folder ${missing} has no place in the order of folders`];
    if (rank(folders, target) < rank(folders, folder)) return [];
    const may = folder === folders[0] ? "no other folder" : folders.slice(0, folders.indexOf(folder)).join(", ");
    return [`${from}:${line} imports ${to}: ${folder} may import ${may}`];
  });
}

/**
 * Circles of folders, in packages whose folders have no order of their own.
 * @param {Import[]} imports
 * @param {Record<string, string[]>} order
 * @param {string[]} known
 */
function folderCircles(imports, order, known) {
  const arrows = betweenFolders(imports, known)
    .filter(({ packageName }) => order[packageName] === undefined)
    .map(({ packageName, folder, target }) => {
      const path = (/** @type {string} */ name) => posix.join("packages", packageName, "src", name);
      return /** @type {[string, string]} */ ([path(folder), path(target)]);
    });
  return circles(arrows).map((circle) => `folders import each other: ${circle}`);
}

/** The name of the folder of files in `src` itself. */
const ENTRY = ".";

/**
 * @param {string[]} folders
 * @param {string} folder
 */
function rank(folders, folder) {
  return folder === ENTRY ? folders.length : folders.indexOf(folder);
}

/**
 * Imports from one folder of a package into another. Tests do not count: they may import whatever they need.
 * @param {Import[]} imports
 * @param {string[]} known
 */
function betweenFolders(imports, known) {
  return imports.flatMap((one) => {
    if (one.from.endsWith(".test.ts") || known.includes(`${one.from} -> ${one.to}`)) return [];
    const [, packageName = "", folder = ENTRY] = FOLDER.exec(one.from) ?? [];
    const [, targetPackage, target = ENTRY] = FOLDER.exec(one.to) ?? [];
    return packageName === targetPackage && folder !== target ? [{ ...one, packageName, folder, target }] : [];
  });
}

const FOLDER = /^packages\/([\w-]+)\/src\/(?:([\w-]+)\/)?/;

/**
 * Tests count, too: a package whose tests need another one is built, and changes, after it.
 * @param {Import} one
 * @returns {[string, string][]}
 */
function betweenPackages({ from, to }) {
  const [, own] = FOLDER.exec(from) ?? [];
  const other = /^@connectum\/([\w-]+)/.exec(to)?.[1] ?? FOLDER.exec(to)?.[1];
  return own !== undefined && other !== undefined && own !== other ? [[own, other]] : [];
}

/**
 * Whether a package is imported by its name from within: a way around every file of it, which would hide a circle.
 * @param {Import} one
 */
function isOfItself({ from, to }) {
  const [, own] = FOLDER.exec(from) ?? [];
  return !from.endsWith(".test.ts") && /^@connectum\/([\w-]+)/.exec(to)?.[1] === own;
}

/**
 * Whether what is published imports a file that is not: of `__test__`, for example, or of another package, which its
 * name is for.
 * @param {Import} one
 */
function isOutside({ from, to }) {
  const [, own] = FOLDER.exec(from) ?? [];
  const isFile = /^[./]|^(packages|__test__|examples|proto|scripts|matrix|bench)\//.test(to);
  return !from.endsWith(".test.ts") && isFile && !to.startsWith(`packages/${own}/`);
}

/** @param {string} path */
function isSource(path) {
  return FOLDER.test(path);
}

/**
 * The TypeScript of all packages.
 * @param {string} root
 */
function sourceFiles(root) {
  return readdirSync(join(root, "packages"))
    .flatMap((name) => {
      const folder = `packages/${name}/src`;
      if (!existsSync(join(root, folder))) return [];
      return readdirSync(join(root, folder), { recursive: true }).map((file) => posix.join(folder, String(file)));
    })
    .filter((file) => /\.[cm]?ts$/.test(file))
    .sort();
}

/** Statements as the formatter writes them: at the beginning of a line, which no example in a comment is. */
const STATEMENT = /^(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*"([^"]+)"/gm;

/** `await import("./a.ts")`, and the type `import("./a.ts").A`; not in a comment. */
const EXPRESSION = /(?<!(?:\/\/|^\s*\/?\*).*)\bimport\(\s*"([^"]+)"/gm;

/**
 * @param {string} from
 * @param {string} source
 * @returns {Import[]}
 */
export function importsOf(from, source) {
  return [...source.matchAll(STATEMENT), ...source.matchAll(EXPRESSION)].map(({ index, 0: text, 1: name = "" }) => ({
    from,
    line: source.slice(0, index + text.length).split("\n").length,
    to: name.startsWith(".") ? posix.join(posix.dirname(from), name) : name,
  }));
}

/**
 * One circle of each group of nodes that all reach each other, the shortest through its first node: "a -> b -> a".
 * @param {[string, string][]} arrows
 */
function circles(arrows) {
  /** @type {Map<string, Set<string>>} */
  const next = new Map();
  for (const [from, to] of arrows) next.set(from, (next.get(from) ?? new Set()).add(to));
  const seen = new Set();
  const found = [];
  for (const start of [...next.keys()].sort()) {
    const circle = seen.has(start) ? undefined : ways(next, start).get(start);
    if (circle === undefined) continue;
    for (const node of ways(next, start).keys()) if (ways(next, node).has(start)) seen.add(node);
    found.push(circle.join(" -> "));
  }
  return found;
}

/**
 * The shortest path from a node to each node that it reaches; to itself only if it is part of a circle.
 * @param {Map<string, Set<string>>} next
 * @param {string} start
 */
function ways(next, start) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  const queue = [[start]];
  for (const way of queue) {
    for (const node of next.get(way.at(-1) ?? "") ?? []) {
      if (found.has(node)) continue;
      found.set(node, [...way, node]);
      queue.push([...way, node]);
    }
  }
  return found;
}
