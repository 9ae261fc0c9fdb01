// Errors that go to the console because nobody else receives them.

/**
 * Writes a text to `console.error`, with an error or other details if there are any; or a note that they cannot be
 * shown, for instance because their getters throw. Never throws.
 */
export function complain(text: string, ...details: unknown[]): void {
  try {
    console.error(text, ...details);
  } catch {
    try {
      console.error(text, "an error that cannot be shown");
    } catch {
      // The console itself is broken.
    }
  }
}
