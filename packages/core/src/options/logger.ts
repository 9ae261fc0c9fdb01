// The logger of a server: for its operator, not for its clients.
import { isThenable } from "@connectum/hooks";

/** The logger of a server. `console`, pino and winston fit. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/**
 * The logger of the options, else the console, without its failures: what it throws, or its promise rejects with, is
 * dropped, as a server must not behave otherwise because its logger fails.
 */
export function safeLogger(logger: Logger | undefined): Logger {
  const target = logger ?? console;
  const write = (level: keyof Logger, message: string, details: unknown[]) => {
    // With details, the console and many loggers take the message for a format, and it may have a client's text.
    const text = details.length === 0 ? message : message.replaceAll("%", "%%");
    const written: unknown = target[level](text, ...details);
    if (isThenable(written)) written.then(undefined, () => {});
  };
  const method =
    (level: keyof Logger) =>
    (message: string, ...details: unknown[]) => {
      try {
        write(level, message, details);
      } catch {
        writeAlone(level, message);
      }
    };
  /** The details may be what cannot be shown. */
  const writeAlone = (level: keyof Logger, message: string) => {
    try {
      write(level, message, ["(with details that cannot be shown)"]);
    } catch {
      // There is nobody left to tell.
    }
  };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}

const silent = () => {};

/** The default: failures of handlers go to `console.error`, everything else is dropped. */
export const defaultLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (message, ...details) => console.error(message, ...details),
};
