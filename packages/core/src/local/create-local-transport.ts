// createLocalTransport(): a client's way to a server in the same process.
import type { DescService } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { assertInterceptors, assertKnownKeys, assertObject, type Keys } from "@connectum/hooks";
import type { LocalCalls } from "./local-calls.ts";
import { LocalTransport } from "./local-transport.ts";

/** The key under which a server has its {@link LocalCalls}. */
export const LOCAL_CALLS = Symbol("connectum.localCalls");

/** What every server has, whoever made it. */
interface AnyServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  hasService(service: DescService): boolean;
}

/** A server of createServer(), as its own process reaches it. */
export interface LocalServer {
  /** Makes the routes, unless they are made already. */
  [LOCAL_CALLS](): LocalCalls;
}

/** Options of {@link createLocalTransport}. */
export interface CreateLocalTransportOptions {
  /** Around each call, on the client's side; the first is outermost. Default: none. */
  interceptors?: Interceptor[] | undefined;
}

const OPTION_KEYS = { interceptors: true } as const satisfies Keys<CreateLocalTransportOptions>;

/**
 * A transport to a server in the same process, without a socket. Handlers and interceptors of the server see what they
 * would see of a call over the Connect protocol; messages, headers and errors are copies. A message is serialized only
 * where that would change it.
 *
 * It works before the server starts, and if it never does. Once the server has stopped, calls fail with `unavailable`.
 *
 * ```ts
 * const client = createClient(GreeterService, createLocalTransport(server));
 * ```
 *
 * @param server a result of `createServer()`
 * @throws TypeError for anything else, and for invalid options; whatever the registration of a service throws
 */
export function createLocalTransport(server: AnyServer, options: CreateLocalTransportOptions = {}): Transport {
  if (!isLocalServer(server)) {
    throw new TypeError(
      "createLocalTransport: argument is not a Connectum Server instance (missing internal accessors).",
    );
  }
  assertObject("createLocalTransport", "options", options);
  assertKnownKeys(options, OPTION_KEYS, { where: "createLocalTransport" });
  assertInterceptors("createLocalTransport", "interceptors", options.interceptors);
  const calls = server[LOCAL_CALLS]();
  return new LocalTransport(() => calls, [...(options.interceptors ?? [])]);
}

function isLocalServer(server: unknown): server is LocalServer {
  return typeof server === "object" && server !== null && typeof Reflect.get(server, LOCAL_CALLS) === "function";
}
