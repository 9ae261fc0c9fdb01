// What expressions say about the values that they accept: their literals, and the functions that they call.
import { FORMATS_OF_FUNCTIONS, type RulesOfFormat } from "../values/format-names.ts";
import { type SecondsAndNanos, toNanoseconds } from "../values/nanoseconds.ts";
import type { CelRule, Expression } from "./expressions.ts";
import { all, textOf } from "./walk.ts";

export interface Hints {
  readonly numbers: Set<number | bigint>;
  readonly strings: Set<string>;
  readonly bytes: Uint8Array[];
  /** Arguments of `matches`. */
  readonly patterns: Set<string>;
  readonly formats: Set<RulesOfFormat>;
  /** Whether anything is added, as texts can be. */
  hasSums: boolean;
  /** Whether texts are split. */
  splits: boolean;
  /** Nanoseconds: durations, and timestamps since 1970. */
  readonly durations: Set<bigint>;
  readonly timestamps: Set<bigint>;
}

/** The hints of all expressions together. */
export function hintsOf(rules: readonly CelRule[]): Hints {
  const hints: Hints = {
    numbers: new Set(),
    strings: new Set(),
    bytes: [],
    patterns: new Set(),
    formats: new Set(),
    hasSums: false,
    splits: false,
    durations: new Set(),
    timestamps: new Set(),
  };
  for (const { expression, rule } of rules) {
    for (const part of all(expression)) addExpression(part, hints);
    addValue(rule, hints);
  }
  return hints;
}

function addExpression({ exprKind }: Expression, hints: Hints): void {
  if (exprKind.case === "constExpr") addValue(exprKind.value.constantKind.value, hints);
  if (exprKind.case !== "callExpr") return;
  const { function: name, args } = exprKind.value;
  const text = textOf(args[args.length - 1]);
  if (name === "_+_") hints.hasSums = true;
  if (name === "split") hints.splits = true;
  for (const format of FORMATS_OF_FUNCTIONS[name] ?? []) hints.formats.add(format);
  if (text === undefined) return;
  if (name === "matches") hints.patterns.add(text);
  if (name === "duration") addDuration(text, hints);
  const time = name === "timestamp" ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) hints.timestamps.add(BigInt(time) * 1_000_000n);
}

function addValue(value: unknown, hints: Hints): void {
  if (typeof value === "number" || typeof value === "bigint") hints.numbers.add(value);
  else if (typeof value === "string") hints.strings.add(value);
  else if (value instanceof Uint8Array) hints.bytes.push(value);
  else if (Array.isArray(value)) for (const item of value) addValue(item, hints);
  else if (typeof value === "object" && value !== null) addMessage(value, hints);
}

function addMessage(message: object & { readonly $typeName?: string }, hints: Hints): void {
  if (message.$typeName === "google.protobuf.Duration") hints.durations.add(toNanoseconds(message as SecondsAndNanos));
  if (message.$typeName === "google.protobuf.Timestamp")
    hints.timestamps.add(toNanoseconds(message as SecondsAndNanos));
  for (const [name, value] of Object.entries(message)) if (!name.startsWith("$")) addValue(value, hints);
}

const UNITS: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 };

/** The texts of Go durations: `1h30m`, `-1.5s`. */
function addDuration(text: string, hints: Hints): void {
  let nanoseconds = 0;
  for (const [, number, unit = ""] of text.matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g)) {
    nanoseconds += Number(number) * (UNITS[unit] ?? 0);
  }
  if (Number.isFinite(nanoseconds))
    hints.durations.add(BigInt(Math.round(text.startsWith("-") ? -nanoseconds : nanoseconds)));
}
