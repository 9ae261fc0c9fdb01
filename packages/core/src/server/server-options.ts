// The options of createServer(): their types, their checks, and their defaults.
import type { Interceptor } from "@connectrpc/connect";
import {
  assertArray,
  assertFunction,
  assertInteger,
  assertKnownKeys,
  assertMethods,
  assertOneOf,
  assertStrings,
  type Keys,
} from "@connectum/hooks";
import type { NativeListener, NativeServerOptions } from "../boundary/native.ts";
import type { ContextValuesFactory } from "../options/context-values.ts";
import { assertFetchHandler, type FetchHandler } from "../options/fetch-handler.ts";
import { type Logger, safeLogger } from "../options/logger.ts";
import { METHOD_OPTION_KEYS, type MethodOptions } from "../options/method-options.ts";
import type { ServiceDefinition } from "../services/define-service.ts";
import type { ProtocolRegistration } from "../services/protocol.ts";
import type { ServiceRoute } from "../services/router.ts";
import { checkCatalogOptions, OUTGOING_CALL_KEYS, type OutgoingCallOptions } from "./catalog-options.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, resolveConnectionLimits } from "./connection-limits.ts";
import { type CorsOptions, resolveCors } from "./cors-options.ts";
import type { EffectiveTransport } from "./effective-transport.ts";
import type { EventBusLike } from "./event-bus.ts";
import { checkHttp2Options, type Http2Options } from "./http2-options.ts";
import {
  type GivenListener,
  givenListeners,
  LISTENER_OPTION_KEYS,
  type ListenersOptions,
  nativeListeners,
  OTHER_LISTENER_NAMES,
  transportsOf,
  usesSystemd,
} from "./listener-options.ts";
import { assertNetworks } from "./proxy-options.ts";
import type { ShutdownOptions } from "./shutdown-options.ts";
import { assertHandshakeTimeout, checkTlsOfNode, ineffectiveBeside } from "./tls.ts";
import { TransportValidationMode } from "./transport-validation.ts";

/**
 * Options of `createServer()`. Those of {@link MethodOptions} apply to every call; a service may have its own. Those of
 * {@link ListenersOptions} say where the server listens.
 */
export interface CreateServerOptions extends MethodOptions, ConnectionLimits, ListenersOptions, OutgoingCallOptions {
  /** The services: functions of a `ConnectRouter`, results of `defineService()`, or both. */
  services: readonly (ServiceDefinition | ServiceRoute)[];
  /**
   * How bidi methods are treated on a server that speaks HTTP/1.1 only: `error` rejects `start()`, `warn` writes to
   * `console.warn`, `off` does nothing. Default `error`.
   */
  transportValidation?: TransportValidationMode | undefined;
  /** How the server stops. Default: as {@link ShutdownOptions} says. */
  shutdown?: ShutdownOptions | undefined;
  /**
   * The logger: that the server listens, warnings about options and handlers that are probably mistakes, failures of
   * handlers and hooks; and what the core has to say: failed TLS handshakes, connections that were cut, limits that
   * were reached. Default: the console gets all but the last.
   */
  logger?: Logger | undefined;
  /** Full names of the services to mount. Default: all. */
  enabledServices?: readonly string[] | undefined;
  /** Started before the server listens, stopped after it has drained. Default: none. */
  eventBus?: EventBusLike | undefined;
  /** The most calls that may wait for JavaScript; one more fails with `unavailable`. Default 10,000. */
  maxQueuedCalls?: number | undefined;
  /**
   * The most bytes that calls of all connections may hold; a call that would hold more fails with `unavailable`.
   * Default 512 MiB.
   */
  maxBufferedBytes?: number | undefined;
  /**
   * The most bytes that the calls of one connection may hold; a call that would hold more fails with
   * `resource_exhausted`. A connection that holds nothing else may have one message of any size that its method allows.
   * Default: a quarter of `maxBufferedBytes`.
   */
  maxConnectionBytes?: number | undefined;
  /**
   * The most streams that a client of HTTP/2 may have open at the same time on a connection, as its SETTINGS say
   * (RFC 9113 section 5.1.2); more wait in the client. Default 250.
   */
  maxConcurrentStreams?: number | undefined;
  /** Threads that serve connections, from 1 to 64. Default: half of the processors, from 1 to 4. */
  threads?: number | undefined;
  /** The longest that a TLS handshake may take, in milliseconds. Default 30,000. */
  handshakeTimeout?: number | undefined;
  /**
   * Proxies whose word about their clients counts: IP addresses, networks (`10.0.0.0/8`), or `unix` for all clients of
   * Unix sockets. From these alone `forwarded` (RFC 7239) and `x-forwarded-for` set `peer.client`. Both are read from
   * the end, past the addresses of these proxies. A PROXY header comes first: its address must be one of these.
   * Default: none.
   */
  trustedProxies?: readonly string[] | undefined;
  /** Pages of other origins that may call from a browser; true for any. Default false: none. */
  cors?: boolean | CorsOptions | undefined;
  /** Options of `node:http2`, as far as they have a meaning here. Default: none. */
  http2Options?: Http2Options | undefined;
  /** Around every handler; the first is outermost. Those of a service come inside of these. Default: none. */
  interceptors?: Interceptor[] | undefined;
  /** Protocols in addition to the services. Default: none. */
  protocols?: ProtocolRegistration[] | undefined;
  /**
   * Serves the HTTP requests that nothing else does: those for paths that no method has, that are not of built-in
   * health, and that no protocol's `httpHandler` takes. Clients of gRPC, gRPC-Web and Connect never reach it; with an
   * unknown path they get their protocol's error. TRACE and CONNECT are a 501. Default: such requests are a 404.
   */
  fetch?: FetchHandler | undefined;
  /**
   * Makes the context values of each call, before its interceptors and its handler run; not for health and reflection,
   * which Rust serves. If it throws, the call fails with that error. Default: they are empty.
   */
  contextValues?: ContextValuesFactory | undefined;
}

const SERVER_OPTION_KEYS = {
  ...METHOD_OPTION_KEYS,
  ...CONNECTION_LIMITS,
  ...OUTGOING_CALL_KEYS,
  ...LISTENER_OPTION_KEYS,
  listeners: true,
  services: true,
  transportValidation: true,
  shutdown: true,
  logger: true,
  enabledServices: true,
  eventBus: true,
  maxQueuedCalls: true,
  maxBufferedBytes: true,
  maxConnectionBytes: true,
  maxConcurrentStreams: true,
  threads: true,
  handshakeTimeout: true,
  trustedProxies: true,
  cors: true,
  http2Options: true,
  interceptors: true,
  protocols: true,
  fetch: true,
  contextValues: true,
} as const satisfies Keys<CreateServerOptions>;

/** What connect's adapters and Node's servers call otherwise. */
const OTHER_NAMES = {
  ...OTHER_LISTENER_NAMES,
  routes: "services",
  maxMessageSize: "readMaxBytes",
  maxMessageBytes: "readMaxBytes",
  maxRequestBytes: "readMaxBytes",
  keepAliveTimeout: "headersTimeout",
  idleTimeout: "maxConnectionIdle",
  trustProxy: "trustedProxies",
  autoShutdown: "shutdown.autoShutdown",
  signals: "shutdown.signals",
};

/** The options of Rust's server, without those that depend on the routes. */
export type ListenOptions = Omit<NativeServerOptions, "plainHttp" | "json" | "health">;

/** The options that a server needs to listen, with every default filled in. */
export interface ServerSettings {
  readonly listen: ListenOptions;
  /** For each listener of `listen` the position, in the options, of the one that it comes from. */
  readonly given: readonly number[];
  /** Whether it takes the sockets that systemd has passed. */
  readonly usesSystemd: boolean;
  /** What its listeners speak, each once. */
  readonly transports: readonly EffectiveTransport[];
  readonly transportValidation: TransportValidationMode;
}

/**
 * Checks the options of a server, and fills in what is absent. Reads certificates and environment variables.
 *
 * The options of calls are resolved where services are mounted: once for the server, and once for each registration.
 * Those of shutdown are resolved where they are used, when the server starts and when it stops.
 *
 * @throws TypeError or RangeError naming an option with an invalid value
 * @throws EnvVarError for an invalid environment variable; whatever `readTLSCertificates` throws
 */
export function resolveServerOptions(options: CreateServerOptions): ServerSettings {
  const listeners = checkOptions(options);
  const { handshakeTimeout, http2Options, logger } = options;
  const warn = (text: string) => safeLogger(logger).warn(text);
  const open = nativeListeners(listeners, { handshakeTimeout, http2Options, warn });
  return {
    transports: transportsOf(listeners),
    transportValidation: options.transportValidation ?? TransportValidationMode.ERROR,
    listen: listenOptions(
      options,
      open.map(({ native }) => native),
    ),
    given: open.map(({ given }) => given),
    usesSystemd: usesSystemd(listeners),
  };
}

/** @throws TypeError for an option that does not exist */
export function assertServerKeys(options: object): void {
  assertKnownKeys(options, SERVER_OPTION_KEYS, { where: "createServer", otherNames: OTHER_NAMES });
}

/** Returns the listeners. */
function checkOptions(options: CreateServerOptions): readonly GivenListener[] {
  assertServerKeys(options);
  const listeners = givenListeners(options);
  for (const [name, min, max] of INTEGERS) {
    if (options[name] !== undefined) assertInteger("createServer", name, options[name], min, max);
  }
  assertNetworks("trustedProxies", options.trustedProxies);
  assertArray("createServer", "interceptors", options.interceptors);
  assertArray("createServer", "protocols", options.protocols);
  assertFetchHandler(options.fetch);
  assertFunction("createServer", "contextValues", options.contextValues);
  checkCatalogOptions(options);
  assertStrings("createServer", "enabledServices", options.enabledServices);
  assertMethods("createServer", "eventBus", options.eventBus, ["start", "stop"]);
  assertMethods("createServer", "logger", options.logger, ["debug", "info", "warn", "error"]);
  if (options.transportValidation !== undefined) {
    const modes = Object.values(TransportValidationMode);
    assertOneOf("createServer", "transportValidation", options.transportValidation, modes);
  }
  assertHandshakeTimeout("handshakeTimeout", options.handshakeTimeout);
  const http2Options = options.http2Options ?? {};
  const [ineffective = [], ...others] = listeners.map((one) => ineffectiveBeside(one.options.tls, http2Options));
  const ineffectiveForAll = ineffective.filter((name) => others.every((names) => names.includes(name)));
  checkHttp2Options(options.http2Options, ineffectiveForAll, safeLogger(options.logger));
  checkTlsOfNode(http2Options);
  const streams = options.http2Options?.settings?.maxConcurrentStreams;
  if (streams !== undefined) {
    assertInteger("createServer", "http2Options.settings.maxConcurrentStreams", streams, 1, 0x7fff_ffff);
  }
  return listeners;
}

const INTEGERS = [
  ["maxQueuedCalls", 1, 0xffff_ffff],
  ["maxBufferedBytes", 1, Number.MAX_SAFE_INTEGER],
  ["maxConnectionBytes", 1, Number.MAX_SAFE_INTEGER],
  ["maxConcurrentStreams", 1, 0x7fff_ffff],
  ["threads", 1, 64],
] as const;

function listenOptions(options: CreateServerOptions, listeners: NativeListener[]): ListenOptions {
  const {
    maxQueuedCalls = 10_000,
    maxBufferedBytes = 512 * 1024 * 1024,
    maxConnectionBytes = Math.ceil(maxBufferedBytes / 4),
    maxConcurrentStreams = options.http2Options?.settings?.maxConcurrentStreams ?? 250,
    threads = 0,
  } = options;
  const ofCalls = { maxQueuedCalls, maxBufferedBytes, maxConnectionBytes, maxConcurrentStreams };
  const limits = resolveConnectionLimits(options, options.http2Options);
  const cors = resolveCors(options.cors);
  const trustedProxies = [...(options.trustedProxies ?? [])];
  return { listeners, trustedProxies, ...ofCalls, limits, threads, cors };
}
