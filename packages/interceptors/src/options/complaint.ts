// Errors that go to the console because nobody else receives them.

/**
 * Writes a text to `console.error`, with an error or other details if there are any; or a note that they cannot be
 * shown, for instance because their getters throw. Never throws.
 */
export function complain(text: string, ...details: unknown[]): void {
  // With details the console takes the text for a format, and it may have a client's text.
  const escaped = details.length === 0 ? text : text.replaceAll("%", "%%");
  try {
    console.error(escaped, ...details);
  } catch {
    try {
      console.error(escaped, "an error that cannot be shown");
    } catch {
      // The console itself is broken.
    }
  }
}
