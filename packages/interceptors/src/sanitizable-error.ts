// Errors that say one thing to the client and another to the log.

/** An error as `isSanitizableError` of `@connectum/core` knows it. */
export type SanitizableError = Error & {
  readonly clientMessage: string;
  readonly serverDetails: Readonly<Record<string, unknown>>;
  readonly code: number;
};

/**
 * The same test as that of `@connectum/core`; an error whose properties cannot be read is none. It is here again because importing it would load the server's addon into every
 * process that only has clients.
 */
export function isSanitizable(thrown: unknown): thrown is SanitizableError {
  try {
    if (!(thrown instanceof Error)) return false;
    const { clientMessage, serverDetails, code } = thrown as Partial<SanitizableError>;
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
