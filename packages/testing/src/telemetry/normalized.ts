// Attributes as collectors have them: in an order that does not depend on time, and without what tells how a call came.

/** The attribute of spans that says whether a call stayed in the process. */
export const TRANSPORT_SPAN_ATTRIBUTE = "connectum.transport" as const;

/** The same of metrics. */
export const TRANSPORT_METRIC_ATTRIBUTE = "transport" as const;

/** A copy with sorted keys, without one of them. */
export function sortedWithout(attributes: object | undefined, left: string): Record<string, unknown> {
  const entries = Object.entries(attributes ?? {}).filter(([key]) => key !== left);
  return Object.fromEntries(entries.sort(([one], [other]) => compare(one, other)));
}

/** By code units, whatever the locale. */
export function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** For `sort()`: by each of these texts in turn. */
export function by<T>(...texts: ((value: T) => string)[]): (one: T, other: T) => number {
  return (one, other) => texts.map((text) => compare(text(one), text(other))).find((order) => order !== 0) ?? 0;
}
