// `(buf.validate.message).oneof`: of some fields at most one is set, or exactly one.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { MessageOneofRule, MessageRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Random } from "../random.ts";

const TRIES = 50;

/** What the rules say about a field: it is set, or it is not; undefined if they say nothing. */
export type Chosen = (field: DescField) => boolean | undefined;

/**
 * Chooses fields so that all rules are met. If there is no choice that meets them, the last one is returned, and the
 * validator will say so.
 * @param given whether the caller gives the field
 */
export function chooseFields(desc: DescMessage, { oneof: rules }: MessageRules, random: Random, given: Chosen): Chosen {
  if (rules.length === 0) return () => undefined;
  const names = new Set(rules.flatMap(({ fields }) => fields));
  const fields = desc.fields.filter(({ name }) => names.has(name));
  const fixed = fields.filter((field) => given(field) === true).map(({ name }) => name);
  const free = fields.filter((field) => given(field) === undefined).map(({ name }) => name);
  let chosen = new Set<string>();
  for (let tries = 0; tries < TRIES; tries++) {
    chosen = new Set(fixed);
    for (const name of random.shuffle(free)) {
      const isFree = rules.every((rule) => !rule.fields.includes(name) || countOf(rule, chosen) === 0);
      if (isFree) chosen.add(name);
    }
    if (rules.every((rule) => !rule.required || countOf(rule, chosen) === 1)) break;
  }
  return ({ name }) => (names.has(name) ? chosen.has(name) : undefined);
}

function countOf({ fields }: MessageOneofRule, chosen: ReadonlySet<string>): number {
  return fields.filter((name) => chosen.has(name)).length;
}
