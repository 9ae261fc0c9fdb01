// Texts that match a regular expression, by walks through its compiled form.
import type { Random } from "../random.ts";
import {
  ANY_RUNE,
  ANY_RUNE_BUT_NEWLINE,
  END_FLAGS,
  type Instruction,
  NO_WORD_BOUNDARY,
  Op,
  type RegexProgram,
  regexProgram,
  START_FLAGS,
  WORD_BOUNDARY,
} from "./regex-program.ts";

/** More would take long to look for, and nobody wants to read them. */
const LONGEST = 600;
/** How much longer than the shortest texts usually are. */
const USUAL_EXTRA = 12;
const MAX_STEPS = 20_000;

type Range = readonly [from: number, to: number];

const READABLE: readonly Range[] = [
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x41, 0x5a],
];
const PRINTABLE: readonly Range[] = [[0x20, 0x7e]];
const OUTSIDE_WORDS: readonly Range[] = [
  [0x20, 0x2f],
  [0x3a, 0x40],
];

/**
 * Texts that match a pattern in RE2 syntax, as long as they are wanted; none if the pattern is invalid or nothing of
 * the wanted length matches.
 * @param least the least number of code points
 * @param most the greatest number
 */
export function* textsOfPattern(pattern: string, least: number, most: number, random: Random): Generator<string> {
  const program = regexProgram(pattern);
  if (program === undefined) return;
  const lengths = lengthsOf(program, least, Math.min(most, LONGEST));
  if (lengths.length === 0) return;
  const usual = lengths.filter((length) => length <= (lengths[0] ?? 0) + USUAL_EXTRA);
  for (let count = 0; count < 200; count++) {
    const length = random.pick(count % 4 < 3 ? usual : lengths);
    const text = walk(program, length, reachableOf(program, length), random);
    if (text !== undefined && program.matches(text)) yield text;
  }
}

/** The shortest lengths that texts of the program can have, if all assertions held. */
function lengthsOf(program: RegexProgram, least: number, most: number): number[] {
  const lengths: number[] = [];
  for (let length = least; length <= Math.min(most, (lengths[0] ?? most) + 4 * USUAL_EXTRA); length++) {
    if (reachableOf(program, length)[length]?.has(program.start)) lengths.push(length);
  }
  return lengths;
}

const known = new WeakMap<RegexProgram, Set<number>[]>();

/** For each number of remaining code points the instructions from which the end can be reached with exactly them. */
function reachableOf(program: RegexProgram, upTo: number): readonly ReadonlySet<number>[] {
  const sets = known.get(program) ?? [];
  known.set(program, sets);
  for (let remaining = sets.length; remaining <= upTo; remaining++) {
    const set = new Set<number>();
    const before = sets[remaining - 1];
    for (const [index, { op, out }] of program.instructions.entries()) {
      if (remaining === 0 ? op === Op.MATCH : op >= Op.RUNE && before?.has(out)) set.add(index);
    }
    addBefore(program.instructions, set, remaining);
    sets.push(set);
  }
  return sets;
}

/** Adds the instructions that lead to those of the set without a code point. */
function addBefore(instructions: readonly Instruction[], set: Set<number>, remaining: number): void {
  for (let size = -1; size !== set.size; ) {
    size = set.size;
    for (let index = instructions.length - 1; index >= 0; index--) {
      const instruction = instructions[index] as Instruction;
      if (!set.has(index) && nextOf(instruction, remaining).some((next) => set.has(next))) set.add(index);
    }
  }
}

/** Where an instruction leads without a code point. */
function nextOf({ op, out, arg }: Instruction, remaining: number): number[] {
  switch (op) {
    case Op.ALT:
    case Op.ALT_MATCH:
      return [out, arg];
    case Op.EMPTY_WIDTH:
      return (arg & END_FLAGS) !== 0 && remaining > 0 ? [] : [out];
    case Op.CAPTURE:
    case Op.NOP:
      return [out];
    default:
      return [];
  }
}

function walk(program: RegexProgram, length: number, sets: readonly ReadonlySet<number>[], random: Random) {
  let text = "";
  let at = program.start;
  // Whether the next code point has to be one of a word, by the assertions since the last one.
  let word: boolean | undefined;
  for (let remaining = length, steps = 0; steps < MAX_STEPS; steps++) {
    const instruction = program.instructions[at] as Instruction;
    const { op, arg, out } = instruction;
    if (op === Op.MATCH) return text;
    if (op >= Op.RUNE) {
      const rune = runeOf(instruction, word, random);
      if (rune === undefined) return undefined;
      text += String.fromCodePoint(rune);
      word = undefined;
      remaining--;
      at = out;
      continue;
    }
    if (op === Op.EMPTY_WIDTH) {
      if ((arg & START_FLAGS) !== 0 && text !== "") return undefined;
      if ((arg & (WORD_BOUNDARY | NO_WORD_BOUNDARY)) !== 0)
        word = /\w$/.test(text) === ((arg & NO_WORD_BOUNDARY) !== 0);
    }
    const next = nextOf(instruction, remaining).filter((index) => sets[remaining]?.has(index));
    if (next.length === 0) return undefined;
    at = random.pick(next);
  }
  return undefined;
}

/** A code point that the instruction takes: a letter or a digit if it can be one. */
function runeOf({ op, runes }: Instruction, word: boolean | undefined, random: Random): number | undefined {
  const ranges: Range[] = [];
  if (op === ANY_RUNE || op === ANY_RUNE_BUT_NEWLINE) ranges.push([0x20, 0x7e]);
  else if (runes.length === 1) ranges.push([runes[0] as number, runes[0] as number]);
  for (let index = 0; index + 1 < runes.length; index += 2) {
    ranges.push([runes[index] as number, runes[index + 1] as number]);
  }
  for (const wanted of word === undefined ? [READABLE, PRINTABLE] : [word ? READABLE : OUTSIDE_WORDS]) {
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
