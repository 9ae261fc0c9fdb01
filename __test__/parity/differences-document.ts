// docs/differences.md as the comparison reads it: the ids of one section, each at the start of a line of its own.
import { readFileSync } from "node:fs";

const file = new URL("../../docs/differences.md", import.meta.url);
const section = "## On the wire, from connect-node";

/** @throws Error when the section is missing, or an id is there twice */
export function documentedIds(text: string = readFileSync(file, "utf8")): ReadonlySet<string> {
  const lines = text.split("\n");
  const start = lines.indexOf(section);
  if (start === -1) throw new Error(`docs/differences.md has no section "${section}"`);
  const end = lines.findIndex((line, at) => at > start && line.startsWith("## "));
  const ids = lines.slice(start, end === -1 ? undefined : end).flatMap((line) => /^- `(P-\d+)`/.exec(line)?.[1] ?? []);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new Error(`docs/differences.md has ${twice} twice`);
  return new Set(ids);
}
