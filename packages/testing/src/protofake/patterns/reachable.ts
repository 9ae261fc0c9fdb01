// From which instructions of a program its end can be reached.
import { END_OF_TEXT, type Instruction, Op, type RegexProgram } from "./regex-program.ts";
import { takes } from "./runes.ts";

/** For each number of remaining code points the instructions from which the end can be reached with exactly them. */
export type Reachable = readonly ReadonlySet<number>[];

const known = new WeakMap<RegexProgram, Map<string, Set<number>[]>>();

/**
 * The sets for up to so many code points.
 * @param end what the text is to end with, in code points; undefined where any will do
 */
export function reachableOf(program: RegexProgram, upTo: number, end: readonly (number | undefined)[]): Reachable {
  const byEnd = known.get(program) ?? new Map<string, Set<number>[]>();
  known.set(program, byEnd);
  const sets = byEnd.get(end.join()) ?? [];
  byEnd.set(end.join(), sets);
  for (let remaining = sets.length; remaining <= upTo; remaining++) {
    const set = new Set<number>();
    const before = sets[remaining - 1];
    const rune = end[end.length - remaining];
    for (const [index, instruction] of program.instructions.entries()) {
      const { op, out } = instruction;
      if (remaining === 0 ? op !== Op.MATCH : op < Op.RUNE || !before?.has(out)) continue;
      if (remaining === 0 || rune === undefined || takes(instruction, rune)) set.add(index);
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
export function nextOf({ op, out, arg }: Instruction, remaining: number): number[] {
  switch (op) {
    case Op.ALT:
    case Op.ALT_MATCH:
      return [out, arg];
    case Op.EMPTY_WIDTH:
      return (arg & END_OF_TEXT) !== 0 && remaining > 0 ? [] : [out];
    case Op.CAPTURE:
    case Op.NOP:
      return [out];
    default:
      return [];
  }
}
