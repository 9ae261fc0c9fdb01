// Durations and timestamps as whole numbers of nanoseconds.
export const SECOND = 1_000_000_000n;
export const MILLISECOND = 1_000_000n;
export const DAY = 86_400n * SECOND;

/** What google.protobuf.Duration and Timestamp have. */
export interface SecondsAndNanos {
  readonly seconds: bigint;
  readonly nanos: number;
}

export function toNanoseconds({ seconds, nanos }: SecondsAndNanos): bigint {
  return seconds * SECOND + BigInt(nanos);
}

/** Both parts have one sign, as durations require. */
export function durationOf(nanoseconds: bigint): SecondsAndNanos {
  return { seconds: nanoseconds / SECOND, nanos: Number(nanoseconds % SECOND) };
}

/** Nanoseconds count forward, also before 1970, as timestamps require. */
export function timestampOf(nanoseconds: bigint): SecondsAndNanos {
  const nanos = ((nanoseconds % SECOND) + SECOND) % SECOND;
  return { seconds: (nanoseconds - nanos) / SECOND, nanos: Number(nanos) };
}
