// Servers for tests: started on a free port, with a transport to them.
import type { AddressInfo } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createServer, type Server } from "@connectum/core";
import { ASYNC_DISPOSE } from "./async-dispose.ts";
import { type CreateTestServerOptions, checkTestServerOptions } from "./test-server-options.ts";
import { createTestTransport } from "./test-transport.ts";

/** A running server, until it is closed. */
export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  /** To this server. */
  readonly transport: Transport;
  /** `http://localhost:<port>`, or `https:` with TLS. */
  readonly baseUrl: string;
  readonly port: number;
  /**
   * Closes the connections of `transport`, whose calls fail, and stops the server. The same promise each time.
   *
   * @throws whatever `server.stop()` throws, unless something else has stopped it
   */
  close(): Promise<void>;
}

/**
 * Starts a server on the loopback address. It speaks all protocols, over HTTP/1.1 and HTTP/2.
 *
 * ```ts
 * await using server = await createTestServer({ services: [greeter] });
 * const client = createClient(Greeter, server.transport);
 * ```
 *
 * @throws TypeError or RangeError for an invalid option; whatever `beforeStart` and `server.start()` throw; Error if
 *   `beforeStart` has started the server. No server runs then
 */
export async function createTestServer(options: CreateTestServerOptions): Promise<TestServer> {
  checkTestServerOptions(options);
  const { services, interceptors = [], protocols = [], port = 0, tls, serverOptions } = options;
  const server = createServer({
    shutdown: { timeout: SHUTDOWN_MS },
    logger: quietLogger,
    ...serverOptions,
    services,
    interceptors: [...interceptors],
    protocols: [...protocols],
    port,
    host: "127.0.0.1",
    tls,
  });
  try {
    await options.beforeStart?.(server);
    if (server.state !== "created") {
      throw new Error(`createTestServer: beforeStart must not start or stop the server, which is ${server.state}`);
    }
    await server.start();
    return running(server, options);
  } catch (error) {
    // Nobody else could. The error is the one to tell.
    if (server.state !== "created") await stop(server).catch(() => {});
    throw error;
  }
}

function running(server: Server, options: CreateTestServerOptions): TestServer {
  // A server that listens on a port has an address.
  const { port } = server.address as AddressInfo;
  const baseUrl = `${options.tls ? "https" : "http"}://localhost:${port}`;
  const { transport, close: disconnect } = createTestTransport(baseUrl, options);
  let closing: Promise<void> | undefined;
  const close = () => {
    disconnect();
    closing ??= stop(server);
    return closing;
  };
  return { server, transport, baseUrl, port, close, [ASYNC_DISPOSE]: close };
}

/**
 * Starts a server, calls a function with it, and closes it, whatever the function does.
 *
 * @returns what the function resolves to
 * @throws whatever `createTestServer()` throws, before the function is called; what the function throws, unless the
 *   server cannot be closed either
 */
export async function withTestServer<T>(
  options: CreateTestServerOptions,
  testFn: (server: TestServer) => Promise<T> | T,
): Promise<T> {
  if (typeof testFn !== "function")
    throw new TypeError(`withTestServer: testFn must be a function, not ${typeof testFn}`);
  const server = await createTestServer(options);
  try {
    return await testFn(server);
  } finally {
    await server.close();
  }
}

/** A handler that does not end must not hold a test up for the 30 seconds of a server in production. */
const SHUTDOWN_MS = 1_000;

const quietLogger = {
  debug() {},
  info() {},
  warn: (...given: unknown[]) => console.warn(...given),
  error: (...given: unknown[]) => console.error(...given),
};

async function stop(server: Server): Promise<void> {
  if (server.state !== "stopped") await server.stop();
}
