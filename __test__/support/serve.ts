// A server for one test, started on a free port and stopped at the end of the test.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type CreateServerOptions, createServer, type Logger, type Server } from "@connectum/core";

/** A running server and its address. */
export interface Served {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Logged errors: message and details of each. */
  readonly logged: readonly (readonly unknown[])[];
}

/** Starts a server on the loopback address. Errors go to `logged` unless a `logger` is given. */
export async function serve(t: TestContext, options: CreateServerOptions): Promise<Served> {
  const logged: unknown[][] = [];
  const server = createServer({
    port: 0,
    host: "127.0.0.1",
    shutdown: { timeout: 1_000 },
    logger: recordingLogger(logged),
    ...options,
  });
  await server.start();
  t.after(async () => {
    if (server.isRunning) await server.stop();
  });
  const { port } = server.address ?? assert.fail("a started server has an address");
  return { server, port, url: `http://127.0.0.1:${port}`, logged };
}

function recordingLogger(logged: unknown[][]): Logger {
  const ignore = () => {};
  return { debug: ignore, info: ignore, warn: ignore, error: (...entry) => void logged.push(entry) };
}
