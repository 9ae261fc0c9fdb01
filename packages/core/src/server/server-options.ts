// The options of createServer(): what they are, what they default to, what they may be.
import type { Interceptor } from "@connectrpc/connect";
import type { NativeJsonOptions } from "../boundary/native.ts";
import type { ListenOptions } from "../calls/dispatch.ts";
import { hostFromEnv, portFromEnv } from "../options/env.ts";
import { defaultLogger, type Logger } from "../options/logger.ts";
import { type MethodOptions, resolveMethodOptions } from "../options/method-options.ts";
import {
  assertArray,
  assertBoolean,
  assertInteger,
  assertMethods,
  assertOneOf,
  assertString,
  assertStrings,
} from "../options/option-checks.ts";
import type { ServiceDefinition } from "../services/define-service.ts";
import type { ProtocolRegistration } from "../services/protocol.ts";
import type { ServiceRoute } from "../services/router.ts";
import { type EffectiveTransport, resolveEffectiveTransport } from "./effective-transport.ts";
import type { EventBusLike } from "./event-bus.ts";
import { checkHttp2Options, type Http2Options } from "./http2-options.ts";
import { checkShutdownOptions, type ShutdownOptions } from "./shutdown-options.ts";
import { assertHandshakeTimeout, type TLSOptions, tlsOptions } from "./tls.ts";
import { TransportValidationMode } from "./transport-validation.ts";

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
  /**
   * What is done about bidi methods of the services when HTTP/1.1 is all that is served: `error` rejects `start()`,
   * `warn` tells `console.warn`, `off` does nothing. With TLS that also serves HTTP/1.1, both warn. Default `error`.
   */
  transportValidation?: TransportValidationMode | undefined;
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

/**
 * Looks at every option that can be judged before anything is mounted or read.
 *
 * @throws Error naming an option that is given and not supported yet
 * @throws TypeError or RangeError naming an option with a value that it cannot have
 */
export function checkOptions(options: CreateServerOptions): void {
  for (const name of notYet) {
    const value: unknown = Reflect.get(options, name);
    const isAbsent = Array.isArray(value) ? value.length === 0 : !value;
    if (!isAbsent) throw new Error(`createServer: the option "${name}" is not supported yet`);
  }
  for (const name of ["allowHTTP1", "allowH2C", "reusePort"] as const) {
    assertBoolean("createServer", name, options[name]);
  }
  for (const [name, min, max] of INTEGERS) {
    if (options[name] !== undefined) assertInteger("createServer", name, options[name], min, max);
  }
  assertString("createServer", "host", options.host);
  if (options.host === "") {
    throw new RangeError('createServer: host must be a name or address of this machine, "0.0.0.0" for all, not ""');
  }
  assertArray("createServer", "interceptors", options.interceptors);
  assertArray("createServer", "protocols", options.protocols);
  assertStrings("createServer", "enabledServices", options.enabledServices);
  assertMethods("createServer", "eventBus", options.eventBus, ["start", "stop"]);
  assertMethods("createServer", "logger", options.logger, ["debug", "info", "warn", "error"]);
  if (options.transportValidation !== undefined) {
    const modes = Object.values(TransportValidationMode);
    assertOneOf("createServer", "transportValidation", options.transportValidation, modes);
  }
  checkShutdownOptions(options.shutdown);
  assertHandshakeTimeout("handshakeTimeout", options.handshakeTimeout);
  checkHttp2Options(options.http2Options, options.logger ?? defaultLogger);
  assertHandshakeTimeout("http2Options.handshakeTimeout", options.http2Options?.handshakeTimeout);
  resolveMethodOptions(options, {}, "createServer");
  transportOf(options);
}

const INTEGERS = [
  ["port", 0, 65_535],
  ["maxQueuedCalls", 1, 0xffff_ffff],
  ["maxBufferedBytes", 1, Number.MAX_SAFE_INTEGER],
  ["threads", 0, 1024],
] as const;

/** @throws TypeError when nothing would be served */
export function transportOf({ tls, allowHTTP1, allowH2C }: CreateServerOptions): EffectiveTransport {
  return resolveEffectiveTransport({ hasTls: Boolean(tls), allowHTTP1, allowH2C });
}

/**
 * Where and how to listen, of options that {@link checkOptions} has seen. Reads certificates and variables.
 *
 * @throws EnvVarError for a `PORT` that is none; what `readTLSCertificates` throws
 */
export function listenOptions(options: CreateServerOptions): ListenOptions {
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
  const tls = tlsOptions(options.tls, options.handshakeTimeout, options.http2Options);
  return {
    port,
    host,
    allowHttp1: allowHTTP1,
    allowH2C,
    reusePort,
    maxQueuedCalls,
    maxBufferedBytes,
    threads,
    json: nativeJson(options.jsonOptions),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** How the services that Rust answers read and write JSON: as those of JavaScript do. */
function nativeJson(options: CreateServerOptions["jsonOptions"] = {}): NativeJsonOptions {
  const { ignoreUnknownFields = true, alwaysEmitImplicit = false, enumAsInteger = false } = options;
  return {
    ignoreUnknownFields,
    alwaysEmitImplicit,
    enumAsInteger,
    useProtoFieldName: options.useProtoFieldName ?? false,
  };
}
