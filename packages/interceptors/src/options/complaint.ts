// Errors that go to the console because nobody else receives them.

/**
 * Writes an error to `console.error`, or a note that it cannot be shown, for instance because its getters throw. Never
 * throws.
 */
export function complain(text: string, error: unknown): void {
  try {
    console.error(text, error);
  } catch {
    try {
      console.error(text, "an error that cannot be shown");
    } catch {
      // The console itself is broken.
    }
  }
}
