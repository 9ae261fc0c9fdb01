// The options of createServer(): what they are, what they default to, what they may be.
import type { Interceptor } from "@connectrpc/connect";
import type { ServiceDefinition } from "./define-service.ts";
import { hostFromEnv, portFromEnv } from "./env.ts";
import type { EventBusLike } from "./event-bus.ts";
import { checkHttp2Options, type Http2Options } from "./http2-options.ts";
import { defaultLogger, type Logger } from "./logger.ts";
import type { MethodOptions } from "./method-options.ts";
import type { NativeServerOptions } from "./native.ts";
import { assertBoolean, assertInteger } from "./option-checks.ts";
import type { ProtocolRegistration } from "./protocol.ts";
import type { ServiceRoute } from "./router.ts";
import type { ShutdownOptions } from "./shutdown.ts";
import { type TLSOptions, tlsOptions } from "./tls.ts";

/** Options of `createServer()`. Those of {@link MethodOptions} bind every call; a service may have its own. */
export interface CreateServerOptions extends MethodOptions {
  /** What is served: functions of a `ConnectRouter`, results of `defineService()`, or both. */
  services: readonly (ServiceDefinition | ServiceRoute)[];
  /** The port; 0 lets the system choose. Default: the variable `PORT`, else 5000. */
  port?: number | undefined;
  /** A name or address of this machine. Default: the variable `LISTEN`, else `0.0.0.0`. `::` is every IPv4 and IPv6 address. */
  host?: string | undefined;
  /** Whether HTTP/1.1 is served. Default true. */
  allowHTTP1?: boolean | undefined;
  /** Whether HTTP/2 without TLS (prior knowledge) is served. Default true. */
  allowH2C?: boolean | undefined;
  /** Whether other processes may listen on the same port (`SO_REUSEPORT`); each must ask for it. Default false. */
  reusePort?: boolean | undefined;
  /** How the server stops. */
  shutdown?: ShutdownOptions | undefined;
  /** The log. Default: failures of handlers go to `console.error`, everything else nowhere. */
  logger?: Logger | undefined;
  /** Full names of the services to mount. Default: all. */
  enabledServices?: readonly string[] | undefined;
  /** Started before the server listens, stopped after it has drained. */
  eventBus?: EventBusLike | undefined;
  /** Calls that may wait for JavaScript at one time; one more is `unavailable`. Default 10,000. */
  maxQueuedCalls?: number | undefined;
  /** Bytes that may be held for calls over all connections; what would be more is `unavailable`. Default 512 MiB. */
  maxBufferedBytes?: number | undefined;
  /** Threads that serve connections. Default: half of the processors, from 1 to 4. */
  threads?: number | undefined;
  /** Certificate and key; with them nothing is served in the clear. `{}` takes them from the directory of `getTLSPath()`. */
  tls?: TLSOptions | undefined;
  /** Milliseconds that a client may take for its TLS handshake. Default 30,000. */
  handshakeTimeout?: number | undefined;
  /** Options of `node:http2`, as far as they mean something here. */
  http2Options?: Http2Options | undefined;
  /** Around every handler; the first is outermost. Those of a service come inside of these. Default: none. */
  interceptors?: readonly Interceptor[] | undefined;
  /** Extra protocols beside the services. Default: none. */
  protocols?: readonly ProtocolRegistration[] | undefined;
}

/** What will be options of `createServer()` and cannot be used yet. A server that ignored one would not be what was asked for. */
const notYet = ["catalog", "remoteResolver", "outgoingInterceptors", "propagateHeaders"] as const;

/** @throws Error naming an option that is given and not supported yet */
export function assertSupported(options: object): void {
  for (const name of notYet) {
    const value: unknown = Reflect.get(options, name);
    const isAbsent = Array.isArray(value) ? value.length === 0 : !value;
    if (!isAbsent) throw new Error(`createServer: the option "${name}" is not supported yet`);
  }
}

/**
 * Where and how to listen.
 *
 * @throws TypeError or RangeError for a value that an option cannot have
 * @throws EnvVarError for a `PORT` that is none
 */
export function listenOptions(options: CreateServerOptions): Omit<NativeServerOptions, "otherRequests"> {
  const {
    port = portFromEnv() ?? 5000,
    host = hostFromEnv() ?? "0.0.0.0",
    allowHTTP1 = true,
    allowH2C = true,
    reusePort = false,
    maxQueuedCalls = 10_000,
    maxBufferedBytes = 512 * 1024 * 1024,
    threads = 0,
  } = options;
  assertInteger("createServer", "port", port, 0, 65_535);
  assertInteger("createServer", "maxQueuedCalls", maxQueuedCalls, 1, 0xffff_ffff);
  assertInteger("createServer", "maxBufferedBytes", maxBufferedBytes, 1, Number.MAX_SAFE_INTEGER);
  assertInteger("createServer", "threads", threads, 0, 1024);
  assertBoolean("createServer", "allowHTTP1", allowHTTP1);
  assertBoolean("createServer", "allowH2C", allowH2C);
  assertBoolean("createServer", "reusePort", reusePort);
  if (typeof host !== "string") throw new TypeError(`createServer: host must be a string, not ${typeof host}`);
  checkHttp2Options(options.http2Options, options.logger ?? defaultLogger);
  const tls = tlsOptions(options.tls, options.handshakeTimeout, options.http2Options);
  if (tls === undefined && !allowHTTP1 && !allowH2C) {
    throw new TypeError("createServer: without TLS, one of allowHTTP1 and allowH2C must be true, or nothing is served");
  }
  return {
    port,
    host,
    allowHttp1: allowHTTP1,
    allowH2C,
    reusePort,
    maxQueuedCalls,
    maxBufferedBytes,
    threads,
    ...(tls === undefined ? {} : { tls }),
  };
}
