// What numbers usually are, by the names of their fields.
type Whole = readonly [least: bigint, greatest: bigint];
type Real = readonly [low: number, high: number];

const WHOLE: readonly (readonly [name: RegExp, range: Whole])[] = [
  [/(^|_)age(_years)?$/, [18n, 90n]],
  [/(^|_)(birth_?)year$/, [1940n, 2005n]],
  [/(^|_)month(_of_year)?$/, [1n, 12n]],
  [/(^|_)day(_of_month)?$/, [1n, 28n]],
  [/(^|_)(day_of_week|weekday)$/, [1n, 7n]],
  [/(^|_)hours?(_of_day)?$/, [0n, 23n]],
  [/(^|_)(minutes?|seconds?)$/, [0n, 59n]],
  [/(^|_)nanos$/, [0n, 999_999_999n]],
  [/(^|_)(milliseconds|millis|ms)$/, [1n, 60_000n]],
  [/(^|_)(page_size|limit|per_page|batch_size|max_results)$/, [10n, 100n]],
  [/(^|_)(page|page_number)$/, [1n, 20n]],
  [/(^|_)(offset|skip)$/, [0n, 200n]],
  [/(^|_)port(_number)?$/, [1024n, 65_535n]],
  [/(^|_)(quantity|qty)$/, [1n, 10n]],
  [/(^|_)(count|total|num|number|size|length)$|^(num|total)_/, [0n, 500n]],
  [/(^|_)(percent|percentage|pct|progress)$/, [0n, 100n]],
  [/(^|_)(rating|stars)$/, [1n, 5n]],
  [/(^|_)(version|revision|attempt|retries|priority|level|rank|position|index)$/, [1n, 10n]],
  [/(^|_)(status_code|http_status|http_code)$/, [200n, 599n]],
  [/(^|_)(bytes|size_bytes|file_size|content_length)$/, [100n, 5_000_000n]],
  [/(^|_)(price|amount|cost|total|cents|balance)(_cents|_minor)?$/, [100n, 100_000n]],
  [/(^|_)(width|height)(_px)?$/, [16n, 2048n]],
  [/(^|_)ids?$/, [1n, 1_000_000n]],
];

const REAL: readonly (readonly [name: RegExp, range: Real])[] = [
  [/(^|_)lat(itude)?$/, [-90, 90]],
  [/(^|_)(lng|lon|long|longitude)$/, [-180, 180]],
  [/(^|_)(ratio|fraction|probability|confidence|alpha|opacity|red|green|blue)$/, [0, 1]],
  [/(^|_)(percent|percentage|pct|progress)$/, [0, 100]],
  [/(^|_)(rating|stars)$/, [1, 5]],
  [/(^|_)(price|amount|cost|balance|subtotal|total|fee)$/, [1, 1000]],
  [/(^|_)temperature$/, [-20, 40]],
  [/(^|_)(weight|height|width|depth|length|distance|speed|altitude)(_[a-z]+)?$/, [0, 200]],
  [/(^|_)bearing$|(^|_)heading$/, [0, 359]],
];

/**
 * Where integers with this name usually are; 1 to 1000 if the name says nothing.
 * @param parent the name of the message type
 * @param now milliseconds since 1970
 */
export function usualIntegers(name: string, parent: string, now: number): Whole {
  if (/(^|_)year$/.test(name) && !/birth/.test(name)) {
    const year = BigInt(new Date(now).getUTCFullYear());
    return [year - 10n, year];
  }
  if (/(^|_)(unix|epoch|timestamp)(_|$)/.test(name)) return epoch(name, now);
  if (parent === "Duration" && name === "seconds") return [1n, 3600n];
  return WHOLE.find(([pattern]) => pattern.test(name))?.[1] ?? [1n, 1000n];
}

/** The same for float and double; 0 to 1000 if the name says nothing. */
export function usualFloats(name: string): Real {
  return REAL.find(([pattern]) => pattern.test(name))?.[1] ?? [0, 1000];
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, within the year before now. */
function epoch(name: string, now: number): Whole {
  const factor = /milli|_ms/.test(name) ? 1n : /micro|_us/.test(name) ? 1000n : /nano|_ns/.test(name) ? 1_000_000n : 0n;
  const scaled = (time: number) => (factor === 0n ? BigInt(Math.floor(time / 1000)) : BigInt(time) * factor);
  return [scaled(now - 365 * 86_400_000), scaled(now)];
}
