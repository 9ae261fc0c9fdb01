// @ts-check
// Names in the backticks of a document: `Type.member` and `Type::member` are members of that type, `module::item` is an
// item of that module, a path leads to a file. Reads sources as the formatters write them: members of a
// declaration are indented once, and the brace that ends it is at the beginning of a line.

/**
 * @typedef {object} Declared
 * @property {Set<string>} members
 * @property {Set<string>} parents types whose members it inherits
 */

/**
 * @typedef {object} Declarations
 * @property {Map<string, Declared>} typescript
 * @property {Map<string, Declared>} rust types, and modules by the names of their files
 */

/**
 * @typedef {object} Surroundings
 * @property {Declarations} declarations
 * @property {object[]} libraries other objects whose members a document may name: globals, exports of packages
 * @property {string[]} folders those that documents may name on their own, such as `src`
 * @property {(path: string) => boolean} exists whether such a file or folder exists; `*` is any name
 */

/** The names of these files, and everything below the folders of the root, are paths. */
const FILE = /[\w*]\.(?:rs|[cm]?ts|[cm]?js|json|md|proto|py|sh|toml|ya?ml)$/;

/**
 * Names in a document that do not exist.
 * @param {string} markdown
 * @param {Surroundings} surroundings
 * @returns {string[]}
 */
export function wrongNames(markdown, surroundings) {
  const prose = markdown.replace(/^ *```[\s\S]*?^ *```/gm, "");
  const names = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = ""]) => name);
  return [...new Set(names)].flatMap((name) =>
    (isPath(name, surroundings.folders) ? wrongPath : wrongPairs)(name, surroundings),
  );
}

/**
 * @param {string} name
 * @param {string[]} folders
 */
function isPath(name, folders) {
  if (!/^[\w.*/-]+$/.test(name) || name.startsWith("/")) return false;
  return FILE.test(name) || (name.includes("/") && folders.includes(name.split("/")[0] ?? ""));
}

/**
 * @param {string} path
 * @param {Surroundings} surroundings
 */
function wrongPath(path, { exists }) {
  return exists(path) ? [] : [`${path}: there is no such file`];
}

/**
 * @param {string} name
 * @param {Surroundings} surroundings
 */
function wrongPairs(name, { declarations: { typescript, rust }, libraries }) {
  return [...name.matchAll(PAIR)].flatMap(([pair, owner = "", link, member = ""]) => {
    const isType = /^[A-Z]/.test(owner);
    if (!isType && link === ".") return []; // A variable, a package, a domain.
    const languages = link === "::" ? [rust] : [typescript, rust];
    const owners = new Set(languages.flatMap((types) => [...family(types, owner)]));
    if (languages.some((types) => [...owners].some((one) => types.get(one)?.members.has(member)))) return [];
    const outside = libraries.filter((library) => [...owners].some((one) => one in library));
    const found = outside.some((library) => [...owners].some((one) => hasProperty(Reflect.get(library, one), member)));
    if (found) return [];
    const isKnown = outside.length > 0 || languages.some((types) => types.has(owner));
    return [
      isKnown ? `${pair}: ${owner} has no ${member}` : `${pair}: there is no ${isType ? "type" : "module"} ${owner}`,
    ];
  });
}

const PAIR = /(?<![\w.:])(\w+)(\.|::)(#?[A-Za-z_]\w*)/g;

/**
 * A type and those that it extends.
 * @param {Map<string, Declared>} types
 * @param {string} type
 */
function family(types, type) {
  const found = new Set([type]);
  for (const one of found) for (const parent of types.get(one)?.parents ?? []) found.add(parent);
  return found;
}

/**
 * @param {unknown} owner a class or an object
 * @param {string} member
 */
function hasProperty(owner, member) {
  const isObject = (/** @type {unknown} */ value) =>
    typeof value === "function" || (typeof value === "object" && value !== null);
  if (!isObject(owner)) return false;
  const { prototype } = /** @type {{ prototype?: unknown }} */ (owner);
  return (
    member in /** @type {object} */ (owner) || (isObject(prototype) && member in /** @type {object} */ (prototype))
  );
}

/**
 * @param {[path: string, source: string][]} sources
 * @returns {Declarations}
 */
export function readDeclarations(sources) {
  /** @type {Declarations} */
  const declarations = { typescript: new Map(), rust: new Map() };
  for (const [path, source] of sources) {
    if (path.endsWith(".rs")) readRust(path, source, declarations.rust);
    else readTypeScript(source, declarations.typescript);
  }
  return declarations;
}

const TYPE =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:const )?(class|interface|enum|type|const|namespace) (\w+)(.*)$/;
const TS_MODIFIERS = "(?:(?:public|private|protected|readonly|static|async|get|set|declare|override|abstract) )*";
const TS_MEMBER = new RegExp(`^ {2}${TS_MODIFIERS}\\*?(#?[A-Za-z_$][\\w$]*)[?!]?(?:[(<:,;]| =)`);

/**
 * @param {string} source
 * @param {Map<string, Declared>} types
 */
function readTypeScript(source, types) {
  /** @type {Declared | undefined} */
  let current;
  for (const line of source.split("\n")) {
    const [, kind, name = "", rest = ""] = TYPE.exec(line) ?? [];
    if (kind !== undefined) {
      const declared = declare(types, name);
      for (const [parent] of /\b(?:extends|implements)\b(.*)/.exec(rest)?.[1]?.matchAll(/[A-Z]\w*/g) ?? []) {
        declared.parents.add(parent);
      }
      if (kind === "type")
        for (const [, parent = ""] of rest.matchAll(/(?:= |& )([A-Z]\w*)/g)) declared.parents.add(parent);
      // In one line: `interface A { a: string; b(): void }`.
      for (const [, member = ""] of rest.matchAll(/[{;,] (\w+)[?!]?[:(]/g)) declared.members.add(member);
      current = /[{([&|=]$/.test(line) ? declared : undefined;
    } else if (/^[}\])]/.test(line)) {
      current = undefined;
    } else {
      const [, member] = TS_MEMBER.exec(line) ?? [];
      if (member !== undefined) current?.members.add(member);
    }
  }
}

const VISIBLE = "(?:pub(?:\\([^)]*\\))? )?";
const RUST_TYPE = new RegExp(`^${VISIBLE}(?:unsafe )?(struct|enum|trait|union) (\\w+)`);
const RUST_ITEM = new RegExp(
  `^( *)${VISIBLE}(?:(?:const|async|unsafe|extern "C") )*(?:fn|const|static|type|struct|enum|trait|mod) (\\w+)`,
);
const RUST_MEMBER = new RegExp(`^ {4}(?:${VISIBLE}(\\w+):|([A-Z]\\w*)(?:[,({]| [{=]|$))`);

/**
 * @param {string} path
 * @param {string} source
 * @param {Map<string, Declared>} types
 */
function readRust(path, source, types) {
  const [, folder = "", file = ""] = /(?:([^/]+)\/)?([^/]+)\.rs$/.exec(path) ?? [];
  const module = declare(types, file === "mod" ? folder : file);
  /** @type {Declared | undefined} */
  let current;
  const lines = source.split("\n");
  for (const [at, line] of lines.entries()) {
    const [, indent, item = ""] = RUST_ITEM.exec(line) ?? [];
    if (indent === "") module.members.add(item);
    else if (indent === "    ") current?.members.add(item);

    const type = RUST_TYPE.exec(line)?.[2];
    if (type !== undefined) current = declare(types, type);
    else if (/^(?:unsafe )?impl\b/.test(line)) current = declare(types, implemented(lines.slice(at).join(" ")));
    else if (line.startsWith("}")) current = undefined;
    else {
      const [, field, variant] = RUST_MEMBER.exec(line) ?? [];
      const member = field ?? variant;
      if (member !== undefined) current?.members.add(member);
    }
  }
}

/**
 * The type that an `impl` is for.
 * @param {string} text from the keyword on
 */
function implemented(text) {
  let header = text.slice(0, text.indexOf("{")).replaceAll("->", "");
  for (let before = ""; before !== header; ) {
    before = header;
    header = header.replace(/<[^<>]*>/g, "");
  }
  const [, target = ""] = /(?:\bfor|\bimpl)\s+(?!.*\bfor\b)(?:&(?:'\w+ )?(?:mut )?)?([\w:]+)/.exec(header) ?? [];
  return target.split("::").at(-1) ?? "";
}

/**
 * @param {Map<string, Declared>} types
 * @param {string} name
 */
function declare(types, name) {
  const declared = types.get(name) ?? newDeclared();
  types.set(name, declared);
  return declared;
}

/** @returns {Declared} */
function newDeclared() {
  return { members: new Set(), parents: new Set() };
}
