// Whether memory has grown: the lower quartile of samples at rest, those at the end against those around a mark.

/** More is growth. */
const MOST_GROWTH = 0.1;
/** Less is no growth: a block of the boundary's memory more or less, a function that was compiled since. */
const NOISE_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;

export interface Growth {
  /** One line: both quartiles with their ranges, and what was allowed. */
  readonly line: string;
  readonly isTooLarge: boolean;
}

/**
 * Compares the lower quartile of the last samples with that of as many around the mark: a quarter of all, at least
 * three. RSS at rest has a floor, and above it samples that are higher by up to a fifth, as something freed is not
 * given back yet: a leak raises the floor, chance only what is above. Where more than half of the last samples happen
 * to be high, their median is too, and their quartile is not.
 *
 * @param samples bytes, at equal distances of time
 * @param mark the place of the mark in the run: 0 is its begin, 1 its end
 */
export function growthOf(name: string, samples: readonly number[], mark: number): Growth {
  const size = Math.max(3, Math.round(samples.length / 4));
  const begin = Math.max(0, Math.min(Math.round(samples.length * mark - size / 2), samples.length - 2 * size));
  const [before, after] = [samples.slice(begin, begin + size), samples.slice(-size)];
  const [was, is] = [lowerQuartile(before), lowerQuartile(after)];
  const allowed = Math.max(was * (1 + MOST_GROWTH), was + NOISE_BYTES);
  const percent = ((is / was - 1) * 100).toFixed(1);
  return {
    line: `${name}: ${ranged(before)} around the mark, ${ranged(after)} at the end: ${percent} %, allowed ${mib(allowed)}`,
    isTooLarge: !(is <= allowed),
  };
}

/** A quarter of the values is below it; of none it is no number. */
function lowerQuartile(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 4)] ?? Number.NaN;
}

function ranged(values: readonly number[]): string {
  return `${mib(lowerQuartile(values))} (${mib(Math.min(...values))} to ${mib(Math.max(...values))}, ${values.length} samples)`;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
