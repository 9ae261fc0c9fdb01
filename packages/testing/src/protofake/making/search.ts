// A bounded search for values that meet CEL rules: leaf by leaf, and then several at once.
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type CelRule, parseRule } from "../cel/expressions.ts";
import { hintsOf } from "../cel/hints.ts";
import { pathsOf, type ValuePath } from "../cel/paths.ts";
import { contain, contained } from "../container.ts";
import type { Context } from "../context.ts";
import type { Complaint } from "../rules/judge.ts";
import { messageProbe, type Way, waysOfField, waysOfMessage } from "../rules/probes.ts";
import type { Slot, Value } from "../slot.ts";
import { improveLeaf, improveTogether, type Leaves } from "./improve.ts";
import { leavesAt } from "./leaves.ts";

/** Validations until the search ends. One takes some hundred microseconds. */
const MOST_VALIDATIONS = 5000;
/** The same for one of many ways. */
const LEAST_VALIDATIONS = 1000;
/** And for one of several, before there is a longer search. */
const SHORT = 200;
/** How often several leaves are changed at once, since no single one helps. */
const MOST_TOGETHER = 3;
/** An expression without a result is worse than any number of them that are false. */
const ERROR = 1000;

type Outside = Pick<Slot, "path" | "around">;

/** What is searched. */
interface Goal {
  /** The parts of expressions that are false; none if everything is met. */
  readonly complaints: () => readonly Complaint[];
  /** The leaves at these paths, as they are now: what was replaced may have other ones. */
  leaves(paths: readonly ValuePath[]): Leaves;
  /** What all expressions read. */
  readonly paths: readonly ValuePath[];
}

/** A complaint about a value that is valid and of no use. */
const REFUSED: Complaint = { path: [], field: "", ruleId: "", text: "", isError: false };

/**
 * Changes what the expressions of a message read, until they are true.
 * @param judge what the validator says about the whole message
 * @param isFree whether the field at the beginning of a path may be changed
 * @returns whether there is no complaint any more; otherwise the message is the best that was found
 */
export function searchMessage(
  message: ReflectMessage,
  rules: readonly CelRule[],
  outside: Outside,
  context: Context,
  judge: () => readonly Complaint[],
  isFree: (name: string) => boolean,
): boolean {
  const read = rules.map(({ expression }) => pathsOf(expression));
  // An expression without a path may read the message as a whole.
  const isKnown = read.length > 0 && read.every((paths) => paths.length > 0);
  const paths = isKnown ? read.flat() : [...read.flat(), ...message.desc.fields.map(({ name }) => [name])];
  const names = new Set(paths.map(([name = ""]) => name));
  const leavesOf = (some: readonly ValuePath[], areFree: boolean) => {
    return some.filter(([name = ""]) => isFree(name) === areFree).flatMap((path) => leavesAt(message, path, outside));
  };
  return inSomeWay(waysOfMessage(message.desc), context, (way, most) => {
    const probe = messageProbe(message.desc, names, way);
    const goal: Goal = {
      paths,
      complaints: () => firstOf(() => context.judge.ofParts(message, probe), judge),
      leaves: (some) => ({ free: leavesOf(some, true), fixed: leavesOf(some, false) }),
    };
    return search(goal, rules, context, most);
  });
}

/** The same for a value in a slot. @returns the value, or undefined if there is none */
export function searchSlot(
  slot: Slot,
  value: Value,
  rules: readonly CelRule[],
  context: Context,
  accepts: (value: Value) => boolean,
): Value | undefined {
  const message = contain(slot, value);
  const start = slot.part === "field" ? [slot.field.name] : [slot.field.name, "*"];
  const outside = { path: slot.path.replace(/(^|\.)[^.]*$/, ""), around: slot.around };
  const { judge } = context;
  const found = inSomeWay(waysOfField(slot.field), context, (way, most) => {
    const goal: Goal = {
      paths: rules.flatMap(({ expression }) => pathsOf(expression)),
      complaints: () => {
        const current = contained(message, slot);
        if (!accepts(current)) return [REFUSED];
        return firstOf(
          () => judge.ofSlot(slot, current, way),
          () => judge.ofSlot(slot, current),
        );
      },
      // The value itself too, which may have to be longer or another one.
      leaves: (some) => ({
        free: [[], ...some].flatMap((path) => leavesAt(message, [...start, ...path], outside)),
        fixed: [],
      }),
    };
    return search(goal, rules, context, most);
  });
  return found ? contained(message, slot) : undefined;
}

/** Tries the ways in which the expressions are true, in a random order, and ends with the first that is reached. */
function inSomeWay(ways: number, { random }: Context, attempt: (way: Way, most: number) => boolean): boolean {
  const order = random.shuffle(Array.from({ length: ways }).keys());
  const most = Math.max(LEAST_VALIDATIONS, MOST_VALIDATIONS / ways);
  // A short search of each first: some ways are closed by rules of fields.
  const isShort = ways > 1 && order.some((way) => attempt(way, SHORT));
  return isShort || order.some((way) => attempt(way, most));
}

/** What the second one says where the first one has no complaint, or an error as of `l[0]` in `size(l) > 0 && l[0]`. */
function firstOf(parts: () => readonly Complaint[], whole: () => readonly Complaint[]): readonly Complaint[] {
  const complaints = parts();
  if (complaints.length === 0) return whole();
  return complaints.some(({ isError }) => isError) ? [...complaints, ...whole()] : complaints;
}

/** @param most validations until the search ends */
function search(goal: Goal, rules: readonly CelRule[], context: Context, most: number): boolean {
  const { random, searchTime } = context;
  let left = most;
  const count = () => {
    left = searchTime.isOver ? 0 : left - 1;
    return searchTime.measure(goal.complaints).reduce((sum, { isError }) => sum + (isError ? ERROR : 1), 0);
  };
  let together = 0;
  for (let best = count(); best > 0; ) {
    if (left <= 0 || together > MOST_TOGETHER) return false;
    // The ids of parts are their texts. What is false is read first, and with its own literals.
    const failing = searchTime.measure(goal.complaints).flatMap(({ ruleId }) => parseRule(ruleId));
    let now = best;
    for (const focus of failing.length > 0 ? [failing, rules] : [rules]) {
      const paths = unique(focus === rules ? goal.paths : focus.flatMap(({ expression }) => pathsOf(expression)));
      const attempt = { hints: hintsOf(focus), context, count, isOver: () => left <= 0 };
      // Whole lists last: there are many of them, and most lack what the old one had.
      const leaves = random.shuffle(goal.leaves(paths).free).sort((one, two) => +one.isWhole - +two.isWhole);
      for (const leaf of leaves) {
        if (now === best && left > 0) now = improveLeaf(leaf, { ...attempt, leaves: goal.leaves(paths) }, best);
      }
      if (now < best) break;
      together++;
      now = improveTogether({ ...attempt, leaves: goal.leaves(paths) }, best, left);
      if (now < best) break;
    }
    best = now;
  }
  return true;
}

function unique(paths: readonly ValuePath[]): ValuePath[] {
  return [...new Map(paths.map((path) => [path.join("."), path])).values()];
}
