// The compiled form of a regular expression. @bufbuild/re2 compiles it, as protovalidate does, so that what is made
// here and what is matched there cannot differ.
import { RE2JS } from "@bufbuild/re2";

export interface RegexProgram {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  matches(text: string): boolean;
}

export interface Instruction {
  readonly op: number;
  /** The next instruction. */
  readonly out: number;
  /** For `ALT` the other next instruction, for `EMPTY_WIDTH` flags. */
  readonly arg: number;
  /** One code point, or pairs of the first and the last of a range. */
  readonly runes: readonly number[];
}

/** The instructions that are not runes, as @bufbuild/re2 numbers them. */
export const Op = { ALT: 1, ALT_MATCH: 2, CAPTURE: 3, EMPTY_WIDTH: 4, FAIL: 5, MATCH: 6, NOP: 7, RUNE: 8 } as const;
export const ANY_RUNE = 10;
export const ANY_RUNE_BUT_NEWLINE = 11;
/** The flags of `EMPTY_WIDTH`. */
export const START_OF_LINE = 0x01;
export const END_OF_LINE = 0x02;
export const START_OF_TEXT = 0x04;
export const END_OF_TEXT = 0x08;
export const WORD_BOUNDARY = 0x10;
export const NO_WORD_BOUNDARY = 0x20;

const compiled = new Map<string, RegexProgram | undefined>();

/** Compiles a pattern in RE2 syntax; undefined if it has none. */
export function regexProgram(pattern: string): RegexProgram | undefined {
  if (!compiled.has(pattern)) {
    // As many as one schema could have.
    if (compiled.size > 1000) compiled.clear();
    compiled.set(pattern, compile(pattern));
  }
  return compiled.get(pattern);
}

function compile(pattern: string): RegexProgram | undefined {
  try {
    const regex = RE2JS.compile(pattern);
    const { inst, start } = regex.re2().prog;
    return { instructions: inst, start, matches: (text) => regex.test(text) };
  } catch {
    // The validator reports it.
    return undefined;
  }
}
