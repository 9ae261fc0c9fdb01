// Attributes as collectors have them: in an order that does not depend on time, and without what tells how a call came.
import { compare } from "../order/by.ts";

/** The attribute of spans that says whether a call stayed in the process. */
export const TRANSPORT_SPAN_ATTRIBUTE = "connectum.transport" as const;

/** The same of metrics. */
export const TRANSPORT_METRIC_ATTRIBUTE = "transport" as const;

/** A copy with sorted keys, without one of them. */
export function sortedWithout(attributes: object | undefined, left: string): Record<string, unknown> {
  const entries = Object.entries(attributes ?? {}).filter(([key]) => key !== left);
  return Object.fromEntries(entries.sort(([one], [other]) => compare(one, other)));
}
