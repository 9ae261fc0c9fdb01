// google.protobuf.Duration.
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";
import { fromIntervals, type Interval, intervalsOf } from "./intervals.ts";
import { DAY, durationOf, MILLISECOND, SECOND, type SecondsAndNanos, toNanoseconds } from "./nanoseconds.ts";

/** 10,000 years, as duration.proto allows. */
const WITHIN: Interval = [-315_576_000_000n * SECOND, 315_576_000_000n * SECOND];

/** Candidates for a duration, the likely ones first. */
export function* durations({ field, rules: fieldRules }: Slot, { random }: Context): Generator<SecondsAndNanos> {
  const type = fieldRules?.type;
  const rules = type?.case === "duration" ? type.value : undefined;
  if (rules?.const !== undefined) yield rules.const;
  if (rules !== undefined) {
    yield* random.shuffle(rules.in);
    if (rules.in.length > 0) return;
    yield* random.shuffle(rules.example);
  }
  const intervals = rules === undefined ? [WITHIN] : intervalsOf(rules, toNanoseconds, WITHIN);
  for (const value of fromIntervals(intervals, usual(field.name), random)) {
    const whole = value - (value % MILLISECOND);
    if (intervals.some(([low, high]) => whole >= low && whole <= high)) yield durationOf(whole);
    yield durationOf(value);
  }
}

function usual(name: string): Interval {
  if (/ttl|retention|max_age|expir|lifetime|validity/i.test(name)) return [SECOND * 60n, DAY * 30n];
  if (/timeout|latency|delay|backoff|elapsed/i.test(name)) return [MILLISECOND, SECOND * 30n];
  return [SECOND, SECOND * 3600n];
}
