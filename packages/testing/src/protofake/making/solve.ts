// Finds a value for a slot: candidates by type and rules, then by the expressions of its CEL rules, then by a search
// within the value.
import { candidates, scalarOf } from "../candidates.ts";
import { type CelRule, expressionsOf } from "../cel/expressions.ts";
import { hintedValues } from "../cel/hinted-values.ts";
import { type Hints, hintsOf } from "../cel/hints.ts";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { blamedRule } from "../rules/blamed-rule.ts";
import type { Complaint } from "../rules/judge.ts";
import { messageOf, type SingleValue, type Slot, type Value } from "../slot.ts";
import { formatOf } from "../values/format-names.ts";
import { zeroOf } from "../values/zero.ts";
import { Complaints } from "./complaints.ts";
import { lists } from "./lists.ts";
import { maps } from "./maps.ts";
import { searchSlot } from "./search.ts";

/** How many candidates of each kind are judged. */
const TRIES = 300;
/** Where there are expressions, which others are made for. */
const FEW_TRIES = 8;
/** Whole lists, maps and messages take longer to make, and a search follows. */
const TRIES_OF_WHOLE = 8;

/**
 * A value that the validator accepts in the slot.
 * @param accepts what else is asked of it
 * @throws FakeError that names the field and the rule that was not met
 */
export function solve(slot: Slot, context: Context, accepts: (value: Value) => boolean = () => true): Value {
  const { judge, searchTime } = context;
  const expressions = slot.judged ? expressionsOf(slot.rules, context.registry) : [];
  const complaints = new Complaints();
  let complaint: Complaint | undefined;
  const isGood = (value: Value) => {
    if (!accepts(value)) return false;
    if (!slot.judged) return true;
    [complaint] =
      expressions.length > 0 ? searchTime.measure(() => judge.ofSlot(slot, value)) : judge.ofSlot(slot, value);
    if (complaint !== undefined) complaints.add(complaint, value);
    return complaint === undefined;
  };
  const isWhole = isWholeValue(slot);
  // Of those that do not know the expressions a few, and more later.
  const tries = isWhole ? TRIES_OF_WHOLE : expressions.length > 0 ? FEW_TRIES : TRIES;
  let last: Value | undefined;
  let judged = 0;
  for (const value of first(valuesOf(slot, context), 10 * tries)) {
    // What is there already costs little. Different items may need many candidates.
    if (!accepts(value)) continue;
    if (isGood(value)) return value;
    if (++judged === tries) break;
    last = value;
    // Further values of the same kind will not do either.
    if (expressions.length > 0 && (complaint?.isError || searchTime.isOver)) break;
  }
  if (expressions.length > 0) {
    const hints = slotHints(slot, expressions);
    if (!isWhole) {
      for (const value of first(hintedValues(slot, hints, context), 4 * TRIES)) {
        if (isGood(value)) return value;
        if (searchTime.isOver) break;
      }
    } else if (last !== undefined) {
      const found = searchSlot(slot, last, expressions, context, accepts);
      if (found !== undefined) return found;
    }
  }
  throw unsolved(slot, complaints, context);
}

/** The error that names the rule which most of the values broke. */
function unsolved(slot: Slot, complaints: Complaints, { judge, searchTime }: Context): FakeError {
  if (complaints.mostFrequent === undefined && slot.judged && isScalar(slot)) {
    // The rules leave no value of the type. What they say about any other one names them.
    const zero = slot.field.enum === undefined || slot.part === "key" ? zeroOf(scalarOf(slot)) : 0;
    for (const complaint of judge.ofSlot(slot, zero).slice(0, 1)) complaints.add(complaint, zero);
  }
  const { typeName, field } = { typeName: slot.around[0] ?? "", field: slot.path };
  const { complaint, value } = complaints.mostFrequent ?? {};
  if (complaint === undefined) return new FakeError({ typeName, field, ruleId: "", complaint: "no value is left" });
  const ruleId = blamedRule(complaint, slot, value, judge);
  return new FakeError({ typeName, field, ruleId, complaint: searchTime.explained(complaint.text) });
}

function isScalar(slot: Slot): boolean {
  const { fieldKind } = slot.field;
  return messageOf(slot) === undefined && (slot.part !== "field" || fieldKind === "scalar" || fieldKind === "enum");
}

function valuesOf(slot: Slot, context: Context): Iterable<Value> {
  const { fieldKind } = slot.field;
  if (slot.part === "field" && fieldKind === "list") return lists(slot, context);
  if (slot.part === "field" && fieldKind === "map") return maps(slot, context);
  return candidates(slot, context) as Iterable<SingleValue>;
}

/** What expressions and standard rules say together. */
function slotHints({ rules }: Slot, expressions: readonly CelRule[]): Hints {
  const hints = hintsOf(expressions);
  if (rules?.type.case === "string") {
    const format = formatOf(rules.type.value);
    if (format !== undefined) hints.formats.add(format);
    if (rules.type.value.pattern !== "") hints.patterns.add(rules.type.value.pattern);
  }
  return hints;
}

/** Whether there are values within the value. */
function isWholeValue(slot: Slot): boolean {
  const { fieldKind } = slot.field;
  if (slot.part === "field" && (fieldKind === "list" || fieldKind === "map")) return true;
  const desc = messageOf(slot);
  return desc !== undefined && !desc.typeName.startsWith("google.protobuf.");
}

function* first<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === count) return;
    yield item;
  }
}
