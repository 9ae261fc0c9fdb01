// The code points that an instruction takes.
import type { Random } from "../random.ts";
import { ANY_RUNE, ANY_RUNE_BUT_NEWLINE, type Instruction } from "./regex-program.ts";

type Range = readonly [from: number, to: number];

const READABLE: readonly Range[] = [
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x41, 0x5a],
];
const PRINTABLE: readonly Range[] = [[0x20, 0x7e]];
/** Latin, Greek, Cyrillic, Hiragana and Han. */
const LETTERS: readonly Range[] = [
  [0xc0, 0xd6],
  [0xe0, 0xf6],
  [0x3b1, 0x3c9],
  [0x410, 0x44f],
  [0x3041, 0x3096],
  [0x4e00, 0x4fff],
];
const OUTSIDE_WORDS: readonly Range[] = [
  [0x20, 0x2f],
  [0x3a, 0x40],
];

/**
 * A code point that the instruction takes: a letter or a digit if it can be one.
 * @param word whether it has to be one of a word, or must not; undefined if either is right
 */
export function runeOf(instruction: Instruction, word: boolean | undefined, random: Random): number | undefined {
  const ranges = rangesOf(instruction);
  for (const wanted of word === undefined ? [READABLE, PRINTABLE, LETTERS] : [word ? READABLE : OUTSIDE_WORDS]) {
    const shared = wanted.flatMap(([low, high]) => ranges.flatMap(([from, to]) => overlap(low, high, from, to)));
    if (shared.length > 0) return runeIn(random.pick(shared), random);
  }
  return word === undefined && ranges.length > 0 ? runeIn(random.pick(ranges), random) : undefined;
}

function overlap(low: number, high: number, from: number, to: number): Range[] {
  return Math.max(low, from) <= Math.min(high, to) ? [[Math.max(low, from), Math.min(high, to)]] : [];
}

/** Not a half of a surrogate pair, which is no code point. */
function runeIn([from, to]: Range, random: Random): number {
  const rune = random.int(from, to);
  return rune >= 0xd800 && rune <= 0xdfff ? from : rune;
}

/** Whether the instruction takes a code point. A literal in a pattern without case is one in either. */
export function takes(instruction: Instruction, rune: number): boolean {
  if (instruction.op === ANY_RUNE) return true;
  if (instruction.op === ANY_RUNE_BUT_NEWLINE) return rune !== 0x0a;
  const [only = 0] = instruction.runes;
  const folded = (code: number) => String.fromCodePoint(code).toLowerCase();
  if (instruction.runes.length === 1 && (instruction.arg & 1) !== 0) return folded(only) === folded(rune);
  return rangesOf(instruction).some(([from, to]) => rune >= from && rune <= to);
}

function rangesOf({ op, runes }: Instruction): Range[] {
  if (op === ANY_RUNE || op === ANY_RUNE_BUT_NEWLINE) return [[0x20, 0x7e]];
  if (runes.length === 1) return [[runes[0] as number, runes[0] as number]];
  const ranges: Range[] = [];
  for (let index = 0; index + 1 < runes.length; index += 2) {
    ranges.push([runes[index] as number, runes[index + 1] as number]);
  }
  return ranges;
}
