// createServer(), the function that programs begin with.
import { RustServer } from "./rust-server.ts";
import type { Server } from "./server.ts";
import type { CreateServerOptions } from "./server-options.ts";

/**
 * A server for gRPC, gRPC-Web and Connect on one port. Opens nothing before `start()`.
 *
 * ```ts
 * const server = createServer({ services: [routes], port: 5000 });
 * await server.start();
 * ```
 *
 * @throws TypeError without `services`
 */
export function createServer(options: CreateServerOptions): Server {
  return new RustServer(options);
}
