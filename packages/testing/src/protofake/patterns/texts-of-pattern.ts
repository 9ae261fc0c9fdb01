// Texts that match a regular expression, by walks through its compiled form.
import type { Random } from "../random.ts";
import { nextOf, type Reachable, reachableOf } from "./reachable.ts";
import {
  END_OF_LINE,
  type Instruction,
  NO_WORD_BOUNDARY,
  Op,
  type RegexProgram,
  regexProgram,
  START_OF_LINE,
  START_OF_TEXT,
  WORD_BOUNDARY,
} from "./regex-program.ts";
import { runeOf, takes } from "./runes.ts";

/** More would take long to look for, and nobody wants to read them. */
const LONGEST = 1100;
/** How much longer than the shortest texts usually are. */
const USUAL_EXTRA = 12;
const MAX_STEPS = 20_000;
const TRIES = 200;
/** How often another code point is drawn. */
const DRAWS = 12;
const NEWLINE = 0x0a;

/** Code points counted from the end; undefined where any will do. */
type Fixed = readonly (number | undefined)[];

/** What else is wanted of a text. */
export interface Wanted {
  /** The least and the greatest number of code points; 0 and 1100 by default. More than 1100 are not looked for. */
  readonly least?: number;
  readonly most?: number;
  /** What it begins and ends with, within what the pattern matches. */
  readonly prefix?: string;
  readonly suffix?: string;
  /** What is in it, and what is not. */
  readonly contains?: string;
  readonly without?: string;
}

/** Up to 200 texts that match a pattern in RE2 syntax; none if it is invalid, or if nothing that is wanted matches. */
export function* textsOfPattern(pattern: string, random: Random, wanted: Wanted = {}): Generator<string> {
  const { least = 0, most = LONGEST } = wanted;
  const program = regexProgram(pattern);
  if (program === undefined) return;
  const start = runesOf(wanted.prefix);
  const end = runesOf(wanted.suffix);
  const middle = runesOf(wanted.contains);
  const { without = "" } = wanted;
  const lengths = lengthsOf(
    program,
    Math.max(least, start.length, end.length, middle.length),
    Math.min(most, LONGEST),
    end,
  );
  if (lengths.length === 0) return;
  // An empty text says nothing, and for many fields it is none.
  const likely = lengths.filter((length) => length > 0 && length <= (lengths[0] ?? 0) + USUAL_EXTRA);
  const usual = likely.length > 0 ? likely : lengths;
  for (let count = 0; count < TRIES; count++) {
    const length = random.pick(count % 4 < 3 ? usual : lengths);
    const fixed = middle.length === 0 ? end : withMiddle(middle, end, length, random);
    const text = walk(program, length, reachableOf(program, length, fixed), start, fixed, without, random);
    if (text !== undefined && program.matches(text)) yield text;
  }
}

function runesOf(text = ""): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

/** The end of the text from somewhere in it, where the middle is; undefined where any code point will do. */
function withMiddle(middle: readonly number[], end: readonly number[], length: number, random: Random): Fixed {
  const size = random.int(Math.max(middle.length, end.length), length);
  return Array.from({ length: size }, (_, index) => middle[index] ?? end[index - size + end.length]);
}

/** The shortest lengths that texts of the program can have, if all assertions held. */
function lengthsOf(program: RegexProgram, least: number, most: number, end: readonly number[]): number[] {
  const lengths: number[] = [];
  for (let length = least; length <= Math.min(most, (lengths[0] ?? most) + 4 * USUAL_EXTRA); length++) {
    if (reachableOf(program, length, end)[length]?.has(program.start)) lengths.push(length);
  }
  return lengths;
}

function walk(
  program: RegexProgram,
  length: number,
  sets: Reachable,
  start: readonly number[],
  end: Fixed,
  without: string,
  random: Random,
): string | undefined {
  let at = afterStart(program, length, sets, start, random);
  let text = String.fromCodePoint(...start);
  // What the assertions since the last code point ask of the next one: to be of a word or not, and to end the line.
  let word: boolean | undefined;
  let endsLine = false;
  let remaining = length - start.length;
  for (let steps = 0; steps < MAX_STEPS && at !== undefined; steps++) {
    const instruction = program.instructions[at] as Instruction;
    const { op, arg, out } = instruction;
    if (op === Op.MATCH) return text;
    if (op >= Op.RUNE) {
      const free = () => (endsLine ? NEWLINE : runeOf(instruction, word, random));
      const rune = end[end.length - remaining] ?? freeRune(free, text, without);
      if (rune === undefined || (endsLine && !takes(instruction, NEWLINE))) return undefined;
      text += String.fromCodePoint(rune);
      [word, endsLine] = [undefined, false];
      remaining--;
      at = out;
      continue;
    }
    if (op === Op.EMPTY_WIDTH) {
      if ((arg & START_OF_TEXT) !== 0 && text !== "") return undefined;
      if ((arg & START_OF_LINE) !== 0 && text !== "" && !text.endsWith("\n")) return undefined;
      if ((arg & END_OF_LINE) !== 0) endsLine = true;
      if ((arg & (WORD_BOUNDARY | NO_WORD_BOUNDARY)) !== 0) {
        word = /\w$/.test(text) === ((arg & NO_WORD_BOUNDARY) !== 0);
      }
    }
    const next = nextOf(instruction, remaining).filter((index) => sets[remaining]?.has(index));
    at = next.length === 0 ? undefined : random.pick(next);
  }
  return undefined;
}

/** A code point after which the text does not end with what is not to be in it, if there is one. */
function freeRune(draw: () => number | undefined, text: string, without: string): number | undefined {
  for (let tries = 0; ; tries++) {
    const rune = draw();
    const isWrong = without !== "" && rune !== undefined && (text + String.fromCodePoint(rune)).endsWith(without);
    if (!isWrong || tries === DRAWS) return rune;
  }
}

/** Where the walk goes on after what the text begins with; undefined if it cannot begin so. */
function afterStart(program: RegexProgram, length: number, sets: Reachable, start: readonly number[], random: Random) {
  const seen = new Set<string>();
  const enter = (at: number, position: number): number | undefined => {
    const remaining = length - position;
    if (seen.has(`${at} ${position}`) || !sets[remaining]?.has(at)) return undefined;
    seen.add(`${at} ${position}`);
    const rune = start[position];
    if (rune === undefined) return at;
    const instruction = program.instructions[at] as Instruction;
    if (instruction.op >= Op.RUNE) return takes(instruction, rune) ? enter(instruction.out, position + 1) : undefined;
    if (instruction.op === Op.EMPTY_WIDTH && (instruction.arg & START_OF_TEXT) !== 0 && position > 0) return undefined;
    for (const next of random.shuffle(nextOf(instruction, remaining))) {
      const found = enter(next, position);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return enter(program.start, 0);
}
