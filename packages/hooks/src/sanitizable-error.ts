// Errors that tell the client less than the log.

/** An error with two texts: the client gets `clientMessage`, the log gets `serverDetails` too. */
export interface SanitizableError {
  readonly clientMessage: string;
  readonly serverDetails: Readonly<Record<string, unknown>>;
}

/**
 * Whether `err` is an `Error` of any class with a string `clientMessage`, an object `serverDetails` and a number
 * `code`. Never throws: an error whose properties cannot be read is not sanitizable.
 */
export function isSanitizableError(err: unknown): err is Error & SanitizableError & { code: number } {
  try {
    if (!(err instanceof Error)) return false;
    const { clientMessage, serverDetails, code } = err as Partial<SanitizableError> & { code?: unknown };
    return (
      typeof clientMessage === "string" &&
      typeof serverDetails === "object" &&
      serverDetails !== null &&
      typeof code === "number"
    );
  } catch {
    return false;
  }
}
