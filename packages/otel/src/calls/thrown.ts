// Values that were thrown, which may be anything.

/** The text of an error, or of whatever else was thrown. Never throws. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return "an error that cannot be read";
  }
}
