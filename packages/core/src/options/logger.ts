// The logger of a server: for its operator, not for its clients.

/** The logger of a server. `console`, pino and winston fit. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

const silent = () => {};

/** The default: failures of handlers go to `console.error`, everything else is dropped. */
export const defaultLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (message, ...details) => console.error(message, ...details),
};
