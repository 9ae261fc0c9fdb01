// How long strings may be: rules count code points and bytes.
import type { StringRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Random } from "../random.ts";
import type { Slot } from "../slot.ts";
import { checkSize, MOST_LENGTH } from "./greatest-sizes.ts";

/** In code points. */
export interface TextLengths {
  readonly least: number;
  readonly most: number;
}

/** Characters of one to four bytes. */
const BY_WIDTH = ["a", "é", "あ", "🦀"];

/** The rules that ask for long texts. */
const LEAST_RULES = { len: "len", minLen: "min_len", lenBytes: "len_bytes", minBytes: "min_bytes" } as const;

/** @throws FakeError if the rules ask for a text that is too long to be made */
export function checkTextLengths(slot: Slot, rules: StringRules): void {
  for (const [name, rule] of Object.entries(LEAST_RULES) as [LengthRule, string][]) {
    if (Object.hasOwn(rules, name)) checkSize(slot, `string.${rule}`, Number(rules[name]), MOST_LENGTH);
  }
}

/** The lengths of texts whose characters have one byte each. */
export function lengthsOfText(rules: StringRules): TextLengths {
  const [runes, bytes] = [runesOf(rules), bytesOf(rules)];
  return { least: Math.max(runes.least, bytes.least), most: Math.min(runes.most, bytes.most) };
}

/** The same for texts whose characters have two, three and four bytes each; none without rules about bytes. */
export function lengthsOfWideText(rules: StringRules): TextLengths[] {
  const names: LengthRule[] = ["lenBytes", "minBytes", "maxBytes"];
  if (!names.some((name) => Object.hasOwn(rules, name))) return [];
  const [runes, bytes] = [runesOf(rules), bytesOf(rules)];
  return [2, 3, 4].map((width) => ({
    least: Math.max(runes.least, Math.ceil(bytes.least / width)),
    most: Math.min(runes.most, Math.floor(bytes.most / width)),
  }));
}

/**
 * A text whose characters have more bytes each where the rules ask for more bytes than characters.
 * @param around what else is in the whole text
 */
export function textOfBytes(rules: StringRules, random: Random, around: string): string {
  const runes = without([...around].length, runesOf(rules));
  const bytes = without(new TextEncoder().encode(around).length, bytesOf(rules));
  const length = Math.max(runes.least, Math.min(runes.most, Math.ceil(bytes.least / 4)));
  let rest = Math.max(bytes.least, Math.min(bytes.most, length * random.int(1, 4)));
  let text = "";
  for (let left = length; left > 0; left--) {
    const width = Math.max(1, Math.min(4, Math.round(rest / left)));
    text += BY_WIDTH[width - 1];
    rest -= width;
  }
  return text;
}

function without(length: number, { least, most }: TextLengths): TextLengths {
  return { least: Math.max(0, least - length), most: Math.max(0, most - length) };
}

function runesOf(rules: StringRules): TextLengths {
  return range(rules, { exactly: "len", least: "minLen", most: "maxLen" });
}

function bytesOf(rules: StringRules): TextLengths {
  return range(rules, { exactly: "lenBytes", least: "minBytes", most: "maxBytes" });
}

type LengthRule = "len" | "minLen" | "maxLen" | "lenBytes" | "minBytes" | "maxBytes";

function range(rules: StringRules, names: Record<"exactly" | "least" | "most", LengthRule>): TextLengths {
  const value = (name: LengthRule) => (Object.hasOwn(rules, name) ? Number(rules[name]) : undefined);
  const exactly = value(names.exactly);
  return {
    least: Math.min(MOST_LENGTH, exactly ?? value(names.least) ?? 0),
    most: Math.min(MOST_LENGTH, exactly ?? value(names.most) ?? MOST_LENGTH),
  };
}
