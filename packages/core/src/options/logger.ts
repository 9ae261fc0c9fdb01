// The logger of a server: for its operator, not for its clients.

/** The logger of a server. `console`, pino and winston fit. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/**
 * Where a server says what its operator should know: to its logger, else to the console. What either throws is dropped,
 * as a server must not behave otherwise because its logger fails.
 */
export function noticesTo(logger: Logger | undefined): Logger {
  const target = logger ?? console;
  const notice =
    (level: keyof Logger) =>
    (message: string, ...details: unknown[]) => {
      try {
        target[level](message, ...details);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { debug: notice("debug"), info: notice("info"), warn: notice("warn"), error: notice("error") };
}

const silent = () => {};

/** The default: failures of handlers go to `console.error`, everything else is dropped. */
export const defaultLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (message, ...details) => console.error(message, ...details),
};
