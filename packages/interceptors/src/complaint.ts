// What goes to the console because there is nowhere else for it.

/** Writes an error to `console.error`. One that cannot be shown, as its getters throw for one, is said to be that. Never throws. */
export function complain(text: string, error: unknown): void {
  try {
    console.error(text, error);
  } catch {
    try {
      console.error(text, "an error that cannot be shown");
    } catch {
      // A console that takes nothing at all.
    }
  }
}
