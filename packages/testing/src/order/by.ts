// Orders that depend on no locale and no runtime.

/** By code units, whatever the locale. */
export function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** For `sort()`: by each of these texts in turn. */
export function by<T>(...texts: ((value: T) => string)[]): (one: T, other: T) => number {
  return (one, other) => texts.map((text) => compare(text(one), text(other))).find((order) => order !== 0) ?? 0;
}
