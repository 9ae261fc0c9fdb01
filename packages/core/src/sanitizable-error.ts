// Errors that say one thing to the client and another to the log.

/** An error with two texts. Who answers the client sends `clientMessage`, and keeps `serverDetails` for the log. */
export interface SanitizableError {
  readonly clientMessage: string;
  readonly serverDetails: Readonly<Record<string, unknown>>;
}

/** Whether `err` is an `Error` with both texts and a numeric `code`, whatever its class. Objects that are no errors are not. */
export function isSanitizableError(err: unknown): err is Error & SanitizableError & { code: number } {
  return (
    err instanceof Error &&
    "clientMessage" in err &&
    typeof err.clientMessage === "string" &&
    "serverDetails" in err &&
    typeof err.serverDetails === "object" &&
    err.serverDetails !== null &&
    "code" in err &&
    typeof err.code === "number"
  );
}
