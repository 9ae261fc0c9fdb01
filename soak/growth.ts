// Whether memory has grown: medians of samples at rest, those at the end against those around a mark.

/** More is growth. */
const MOST_GROWTH = 0.1;
/** Less is no growth: a block of the boundary's memory more or less, a function that was compiled since. */
const NOISE_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;

export interface Growth {
  /** One line: both medians with their ranges, and what was allowed. */
  readonly line: string;
  readonly isTooLarge: boolean;
}

/**
 * Compares the median of the last samples with the median of as many around the mark: a quarter of all, at least three.
 * RSS at rest varies by a tenth from one sample to the next, upwards and downwards. Medians of that many vary by less
 * than half of what is allowed, and equal numbers make both as sure.
 *
 * @param samples bytes, at equal distances of time
 * @param mark the place of the mark in the run: 0 is its begin, 1 its end
 */
export function growthOf(name: string, samples: readonly number[], mark: number): Growth {
  const size = Math.max(3, Math.round(samples.length / 4));
  const begin = Math.max(0, Math.min(Math.round(samples.length * mark - size / 2), samples.length - 2 * size));
  const [before, after] = [samples.slice(begin, begin + size), samples.slice(-size)];
  const [was, is] = [median(before), median(after)];
  const allowed = Math.max(was * (1 + MOST_GROWTH), was + NOISE_BYTES);
  const percent = ((is / was - 1) * 100).toFixed(1);
  return {
    line: `${name}: ${ranged(before)} around the mark, ${ranged(after)} at the end: ${percent} %, allowed ${mib(allowed)}`,
    isTooLarge: !(is <= allowed),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

function ranged(values: readonly number[]): string {
  return `${mib(median(values))} (${mib(Math.min(...values))} to ${mib(Math.max(...values))}, ${values.length} samples)`;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
