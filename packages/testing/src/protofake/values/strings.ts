// Strings: by the rules, and by the name of the field.
import type { StringRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Context } from "../context.ts";
import { textsOfPattern } from "../patterns/texts-of-pattern.ts";
import type { Slot } from "../slot.ts";
import { textByName } from "../words/text-names.ts";
import { formatOf } from "./format-names.ts";
import { overlapped } from "./overlapped.ts";
import { padded, textOfFormat } from "./string-formats.ts";
import { checkTextLengths, lengthsOfText, lengthsOfWideText, type TextLengths, textOfBytes } from "./text-lengths.ts";

/** What breaks programs: nothing, space, a name of JavaScript, characters of several units, and many. */
const EDGES = ["", " ", "__proto__", "\u0000", "é", "🦀", "\u202e", "a".repeat(300)];

/** Texts by names before they get numbers. */
const FEW = 12;
/** Texts of a pattern before others are tried. */
const MOST_MATCHING = 160;

/** Candidates for a string, the likely ones first. */
export function* strings(slot: Slot, context: Context): Generator<string> {
  const { random, words } = context;
  const type = slot.rules?.type;
  const rules = type?.case === "string" ? type.value : undefined;
  if (rules === undefined) {
    if (context.options.withEdges && random.chance(0.3)) yield random.pick(EDGES);
    for (let count = 0; ; count++) yield numbered(textByName(slot, context), count, context);
  }
  if (Object.hasOwn(rules, "const")) yield rules.const;
  yield* random.shuffle(rules.in);
  if (rules.in.length > 0) return;
  yield* random.shuffle(rules.example);
  checkTextLengths(slot, rules);
  const lengths = lengthsOfText(rules);
  if (Object.hasOwn(rules, "pattern")) yield* textsWithPattern(rules, lengths, context);
  if (rules.prefix + rules.contains + rules.suffix !== "") yield overlapped(rules);
  const format = formatOf(rules);
  for (let count = 0; ; count++) {
    const text =
      format === undefined
        ? numbered(textByName(slot, context), count, context)
        : textOfFormat(format, context, lengths.least);
    if (format !== undefined) {
      yield* [text, spliced(text, rules, context), spliced(words.word(), rules, context)];
      yield overwritten(text, rules, context);
    }
    yield fitted(text, rules, lengths, context);
    yield* filled(rules, context);
  }
}

/** Texts that match the pattern, and have as much as possible of what else is asked of them. */
function* textsWithPattern(rules: StringRules, lengths: TextLengths, context: Context): Generator<string> {
  const { random, words } = context;
  const { pattern, prefix, suffix, contains } = rules;
  const format = formatOf(rules);
  const most = format === undefined ? MOST_MATCHING : MOST_MATCHING / 4;
  const wanted = { prefix, suffix, contains, without: rules.notContains };
  yield* first(textsOfPattern(pattern, random, { ...lengths, ...wanted }), most);
  for (const wide of lengthsOfWideText(rules)) {
    yield* first(textsOfPattern(pattern, random, { ...wide, ...wanted }), most / 4);
  }
  // A pattern without anchors matches in the middle of longer texts as well.
  for (const text of first(textsOfPattern(pattern, random, { most: lengths.most }), most / 2)) {
    yield fitted(text, rules, lengths, context);
  }
  if (format === undefined) return;
  for (const text of first(textsOfPattern(pattern, random, { most: lengths.most }), most / 2)) {
    const formatted = textOfFormat(format, context, lengths.least);
    const place = random.int(0, formatted.length);
    yield* [words.word() + text, text + words.word()];
    yield* [formatted.slice(0, place) + text, text + formatted.slice(place)];
  }
}

/** After some texts a number makes them different: there are few names, and lists of different ones can be long. */
function numbered(text: string, count: number, { random }: Context): string {
  if (count < FEW) return text;
  return `${text}${random.int(1, 10 ** Math.min(9, 2 + Math.floor(count / FEW)))}`;
}

function* first<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    yield item;
    if (++taken >= count) return;
  }
}

/** The text with what has to be in it, and of a length that it may have. */
function fitted(text: string, rules: StringRules, { least, most }: TextLengths, { random }: Context): string {
  const { prefix, suffix, contains } = rules;
  const has = (fixed: string) => fixed === "" || prefix.includes(fixed) || suffix.includes(fixed);
  const middle = has(contains) ? "" : contains;
  const start = text.startsWith(prefix) ? "" : prefix;
  const end = text.endsWith(suffix) ? "" : suffix;
  const center = text.includes(middle) ? "" : middle;
  const natural = [...`${start}${text}${center}${end}`];
  if (natural.length >= least && natural.length <= most) return natural.join("");
  const room = (length: number) => length - [...`${prefix}${middle}${suffix}`].length;
  if (room(most) < 0) return overlapped(rules);
  const letters = [...text].slice(0, room(most)).join("").trim();
  const filled = padded(letters, Math.max(0, room(least)), random);
  return `${prefix}${filled}${middle}${suffix}`;
}

/** What has to be there, with as many characters in between as are missing. What it contains is at the end or start. */
function* filled(rules: StringRules, { random }: Context): Generator<string> {
  const { prefix, contains, suffix } = rules;
  const end = overlapped({ prefix: "", contains, suffix });
  yield `${prefix}${textOfBytes(rules, random, prefix + end)}${end}`;
  const start = overlapped({ prefix, contains, suffix: "" });
  yield `${start}${textOfBytes(rules, random, start + suffix)}${suffix}`;
}

/** The text with what has to be there instead of some of its characters: a format of a fixed length. */
function overwritten(text: string, { prefix, suffix, contains }: StringRules, { random }: Context): string {
  const place = random.int(0, Math.max(0, text.length - contains.length));
  const middle = text.slice(0, place) + contains + text.slice(place + contains.length);
  const whole = prefix + middle.slice(prefix.length);
  return whole.slice(0, Math.max(0, whole.length - suffix.length)) + suffix;
}

/** A part of the text, between what has to be there: the end of an address, or the start of a URL. */
function spliced(text: string, { prefix, suffix, contains }: StringRules, { random }: Context): string {
  const from = prefix === "" ? 0 : random.int(0, text.length);
  const to = suffix === "" ? text.length : random.int(from, text.length);
  const middle = random.int(from, to);
  return `${prefix}${text.slice(from, middle)}${contains}${text.slice(middle, to)}${suffix}`;
}
