// The options of the plugin, beside those of every plugin of protobuf-es.

/** The options of the plugin. */
export interface CatalogOptions {
  /** The file, relative to the root of what is generated. Without its ending if that is one of JavaScript's. */
  readonly stem: string;
  /** Services that are left out: type names, or beginnings of them that end with `*`. */
  readonly exclude: readonly string[];
}

const DEFAULT_FILE = "catalog.gen.ts";

/** `catalog.gen` of `catalog.gen.ts`: the ending is that of the target. */
const ENDING = /\.(d\.ts|[cm]?[jt]s)$/;

/**
 * Reads the options.
 *
 * @throws Error for one that does not exist, or has a value that cannot be used
 */
export function parseOptions(plugin: string, raw: readonly { key: string; value: string }[]): CatalogOptions {
  let file = DEFAULT_FILE;
  const exclude: string[] = [];
  for (const { key, value } of raw) {
    if (key === "output_file") {
      assertInside(plugin, value);
      file = value;
    } else if (key === "exclude") {
      assertPattern(plugin, value);
      exclude.push(value);
    } else {
      throw new Error(`${plugin}: unknown option "${key}".`);
    }
  }
  return { stem: file.replace(ENDING, ""), exclude };
}

/** Not even with segments that lead out and in again: `..` has no place in a name that is written under a root. */
function assertInside(plugin: string, value: string): void {
  if (value === "") throw new Error(`${plugin}: output_file must not be empty.`);
  const isAbsolute = /^([/\\]|[a-z]:)/i.test(value);
  if (isAbsolute || value.split(/[/\\]/).includes("..")) {
    throw new Error(`${plugin}: output_file must be a relative path inside the output root (got "${value}").`);
  }
}

function assertPattern(plugin: string, value: string): void {
  if (/^([a-z_]\w*\.)*([a-z_]\w*|\*)$/i.test(value)) return;
  const right = 'the name of a service, such as "acme.v1.Orders", or all of a package, such as "acme.v1.*"';
  throw new Error(`${plugin}: exclude must be ${right} (got "${value}").`);
}
