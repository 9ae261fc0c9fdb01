// The options of test servers, and their checks.
import type { SecureContextOptions } from "node:tls";
import type { Interceptor } from "@connectrpc/connect";
import type {
  CreateServerOptions,
  ProtocolRegistration,
  Server,
  ServiceDefinition,
  ServiceRoute,
} from "@connectum/core";
import {
  assertArray,
  assertFunction,
  assertInteger,
  assertInterceptors,
  assertKnownKeys,
  assertObject,
  assertOneOf,
  type Keys,
} from "@connectum/hooks";

/** Options of `createServer()` that test servers have themselves. */
type Own = "services" | "interceptors" | "protocols" | "port" | "host" | "path" | "fd" | "listeners" | "tls";

export interface CreateTestServerOptions {
  /** As those of `createServer()`. */
  services: readonly (ServiceDefinition | ServiceRoute)[];
  /** Around every handler; the first is outermost. Default: none. */
  interceptors?: readonly Interceptor[] | undefined;
  /** Default: none. */
  protocols?: readonly ProtocolRegistration[] | undefined;
  /** Default: 0, which is a free port. */
  port?: number | undefined;
  /** What `transport` speaks; the server speaks all three. Default: `grpc`. */
  protocol?: "grpc" | "grpc-web" | "connect" | undefined;
  /** The version of HTTP that `transport` uses; gRPC is `2` only. Default: `2`. */
  httpVersion?: "1.1" | "2" | undefined;
  /** TLS of the server. Default: none. */
  tls?: CreateServerOptions["tls"];
  /**
   * TLS of `transport`: `ca` to verify the server as `localhost`, `cert` and `key` of a client certificate. Without
   * `ca` nothing is verified.
   */
  clientTls?: Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase"> | undefined;
  /** Around every call of `transport`; the first is outermost. Default: none. */
  clientInterceptors?: readonly Interceptor[] | undefined;
  /** Gets the server before it starts: to add to it, or to record it. Default: nothing. */
  beforeStart?: ((server: Server) => void | Promise<void>) | undefined;
  /**
   * All other options of `createServer()`. Other defaults than there: calls may take one second to end at the stop, and
   * the log has warnings and errors only.
   */
  serverOptions?: Omit<Partial<CreateServerOptions>, Own> | undefined;
}

const KEYS = {
  services: true,
  interceptors: true,
  protocol: true,
  protocols: true,
  port: true,
  httpVersion: true,
  tls: true,
  clientTls: true,
  clientInterceptors: true,
  beforeStart: true,
  serverOptions: true,
} as const satisfies Keys<CreateTestServerOptions>;

const CLIENT_TLS_KEYS = { ca: true, cert: true, key: true, passphrase: true } as const;

const OWN: Readonly<Record<Own, true>> = {
  services: true,
  interceptors: true,
  protocols: true,
  port: true,
  host: true,
  path: true,
  fd: true,
  listeners: true,
  tls: true,
};

const WHERE = "createTestServer";

/**
 * Checks what `createServer()` does not.
 *
 * @throws TypeError or RangeError for an option that does not exist, or has another value than it may have
 */
export function checkTestServerOptions(options: CreateTestServerOptions): void {
  if (options === undefined) throw new TypeError(`${WHERE}: the options are missing: { services }`);
  assertKnownKeys(options, KEYS, { where: WHERE });
  const { protocol = "grpc", httpVersion = "2", port, tls, clientTls, clientInterceptors, serverOptions } = options;
  assertArray(WHERE, "interceptors", options.interceptors);
  assertArray(WHERE, "protocols", options.protocols);
  if (port !== undefined) assertInteger(WHERE, "port", port, 0, 65_535);
  assertOneOf(WHERE, "protocol", protocol, ["grpc", "grpc-web", "connect"]);
  assertOneOf(WHERE, "httpVersion", httpVersion, ["1.1", "2"]);
  if (protocol === "grpc" && httpVersion === "1.1") {
    throw new RangeError(`${WHERE}: gRPC needs httpVersion "2"; over "1.1" protocol can be "grpc-web" or "connect"`);
  }
  assertKnownKeys(clientTls, CLIENT_TLS_KEYS, { where: WHERE, option: "clientTls" });
  if (clientTls !== undefined && !tls) throw new TypeError(`${WHERE}: clientTls has no effect without tls`);
  assertInterceptors(WHERE, "clientInterceptors", clientInterceptors);
  assertFunction(WHERE, "beforeStart", options.beforeStart);
  assertObject(WHERE, "serverOptions", serverOptions);
  for (const name of Object.keys(serverOptions ?? {})) {
    if (!Object.hasOwn(OWN, name)) continue;
    const right = Object.hasOwn(KEYS, name) ? `use the option ${name}` : "a test server listens on a port of loopback";
    throw new TypeError(`${WHERE}: serverOptions cannot have ${name}: ${right}`);
  }
}
