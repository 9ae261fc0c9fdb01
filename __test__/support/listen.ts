// A server for one test that listens where its options say, not on a free port.
import type { TestContext } from "node:test";
import { type CreateServerOptions, createServer, type Server } from "@connectum/core";

/** A running server, and the lines that it has logged. */
export interface Listening {
  readonly server: Server;
  /** Level and message of each line. */
  readonly lines: readonly string[];
}

/** Starts a server, and stops it at the end of the test. */
export async function listen(t: TestContext, options: Partial<CreateServerOptions>): Promise<Listening> {
  const { server, lines } = notStarted(options);
  await server.start();
  t.after(async () => {
    if (server.isRunning) await server.stop();
  });
  return { server, lines };
}

/** The error with which such a server does not start. */
export async function startError(options: Partial<CreateServerOptions>): Promise<NodeJS.ErrnoException> {
  const { server } = notStarted(options);
  try {
    await server.start();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  await server.stop();
  throw new Error("it has started");
}

function notStarted(options: Partial<CreateServerOptions>): Listening {
  const lines: string[] = [];
  const line =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level}: ${message}`);
  const logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const server = createServer({ services: [], shutdown: { timeout: 1_000 }, logger, ...options });
  return { server, lines };
}
