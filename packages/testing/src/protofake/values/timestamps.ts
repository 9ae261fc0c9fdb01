// google.protobuf.Timestamp. Rules about now are met here: the validator cannot be told another time.
import type { TimestampRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";
import { fromIntervals, type Interval, intervalsOf } from "./intervals.ts";
import { DAY, MILLISECOND, type SecondsAndNanos, timestampOf, toNanoseconds } from "./nanoseconds.ts";

/** The years 1 to 9999, as timestamp.proto allows. */
const WITHIN: Interval = [-62_135_596_800_000_000_000n, 253_402_300_799_999_999_999n];
/** Fakes are validated a while after they are made. */
const MARGIN = 60_000n * MILLISECOND;

/** Candidates for a timestamp, the likely ones first. */
export function* timestamps(slot: Slot, { random, options }: Context): Generator<SecondsAndNanos> {
  const type = slot.rules?.type;
  const rules = type?.case === "timestamp" ? type.value : undefined;
  if (rules?.const !== undefined) yield rules.const;
  yield* random.shuffle(rules?.example ?? []);
  const now = BigInt(options.now) * MILLISECOND;
  const intervals =
    rules === undefined ? [WITHIN] : byNow(intervalsOf(bounds(rules), toNanoseconds, WITHIN), rules, now);
  for (const value of fromIntervals(intervals, usual(slot.field.name, now), random)) {
    const whole = timestampOf(value).nanos === 0 ? value : value - BigInt(timestampOf(value).nanos);
    if (intervals.some(([low, high]) => whole >= low && whole <= high)) yield timestampOf(whole);
    yield timestampOf(value);
  }
}

/** The bounds that are times, without lt_now and gt_now. */
function bounds({ lessThan, greaterThan }: TimestampRules) {
  const none = { case: undefined };
  return {
    lessThan: lessThan.case === "ltNow" ? none : lessThan,
    greaterThan: greaterThan.case === "gtNow" ? none : greaterThan,
  };
}

/** The parts of the intervals that are before or after now, or near it, as the rules say. */
function byNow(intervals: readonly Interval[], rules: TimestampRules, now: bigint): Interval[] {
  let [least, greatest] = WITHIN;
  let margin = MARGIN;
  if (rules.within !== undefined) {
    const distance = toNanoseconds(rules.within);
    if (margin * 4n > distance) margin = distance / 4n;
    [least, greatest] = [now - distance + margin, now + distance - margin];
  }
  const lessThan = rules.lessThan.case === "ltNow" && rules.lessThan.value;
  const greaterThan = rules.greaterThan.case === "gtNow" && rules.greaterThan.value;
  if (lessThan) greatest = now - margin / 2n;
  if (greaterThan) least = now + margin;
  return intervals
    .map(([low, high]): Interval => [low > least ? low : least, high < greatest ? high : greatest])
    .filter(([low, high]) => low <= high);
}

function usual(name: string, now: bigint): Interval {
  if (/birth|dob/i.test(name)) return [now - DAY * 365n * 80n, now - DAY * 365n * 18n];
  if (/expir|deadline|due|until|valid_to|ends?_|_end|end_time|next|scheduled|not_after/i.test(name)) {
    return [now + DAY, now + DAY * 365n];
  }
  if (/updated|modified|last_|changed/i.test(name)) return [now - DAY * 30n, now - MARGIN];
  return [now - DAY * 365n, now - DAY * 31n];
}
