// Two responses to one request, and their documented differences.
import type { Answer } from "./answer.ts";
import type { Differences, DifferentField, Fields } from "./differences.ts";

export interface Verdict {
  readonly kind: "same" | "documented" | "failed";
  /** The reasons for its failure, one line each. */
  readonly reasons: readonly string[];
  /** The ids of the differences that explain it. */
  readonly ids: readonly string[];
  /** The differences between the responses. */
  readonly fields: Fields;
}

/**
 * @param declared how they may, and have to, differ
 * @param documented the ids that docs/differences.md has
 */
export function compare(
  declared: Differences,
  connectNode: Answer,
  connectum: Answer,
  documented: ReadonlySet<string>,
): Verdict {
  const fields = differentFields(connectNode, connectum);
  const ids = Object.keys(declared);
  const reasons = [
    ...ids.filter((id) => !documented.has(id)).map((id) => `${id} is not in docs/differences.md`),
    ...disagreements(declared, fields),
  ];
  const kind = reasons.length > 0 ? "failed" : ids.length > 0 ? "documented" : "same";
  return { kind, reasons, ids, fields };
}

function differentFields(connectNode: Answer, connectum: Answer): Fields {
  const fields: Record<string, DifferentField> = {};
  for (const name of new Set([...connectNode.keys(), ...connectum.keys()])) {
    const [theirs, ours] = [connectNode.get(name) ?? null, connectum.get(name) ?? null];
    if (theirs !== ours) fields[name] = [theirs, ours];
  }
  return fields;
}

/** The mismatches between declared and observed differences. */
function disagreements(declared: Differences, seen: Fields): string[] {
  const expected = Object.entries(declared).flatMap(([id, fields]) =>
    Object.entries(fields).map(([name, field]) => ({ id, name, field: JSON.stringify(field) })),
  );
  const wrong = expected.flatMap(({ id, name, field }) => {
    const actual = seen[name];
    if (actual === undefined) return [`${id}: ${JSON.stringify(name)} does not differ any more`];
    const text = JSON.stringify(actual);
    return text === field ? [] : [`${id}: ${JSON.stringify(name)} should be ${field} and is ${text}`];
  });
  const undeclared = Object.entries(seen)
    .filter(([name]) => expected.every((entry) => entry.name !== name))
    .map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)} is not declared`);
  return [...wrong, ...undeclared];
}
