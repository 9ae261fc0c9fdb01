// Where a server writes what its operator should know and its clients should not.

/** The log of a server. `console` is one; so are pino and winston. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

const silent = () => {};

/** Used when no `logger` is given: failures of handlers go to `console.error`, everything else nowhere. */
export const defaultLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (message, ...details) => console.error(message, ...details),
};
