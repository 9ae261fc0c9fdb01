// Mistakes that are made on purpose, so that a test can see that each is found.

const NAMES = ["memory", "handler", "descriptor", "answer"] as const;

export type Fault = (typeof NAMES)[number];

/** The faults in a list with commas. */
export function faultsOf(list: string): ReadonlySet<Fault> {
  const names = list.split(",").filter((name) => name !== "");
  const faults = NAMES.filter((name) => names.includes(name));
  if (faults.length !== names.length) throw new Error(`faults are ${NAMES.join(", ")}; there is no ${list}`);
  return new Set(faults);
}
