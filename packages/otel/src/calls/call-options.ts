// The options of both interceptors, and their checks.
import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertKnownKeys,
  assertMethods,
  assertOneOf,
  assertString,
  type Keys,
} from "@connectum/hooks";
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { OtelAttributeFilter } from "../conventions/base-attributes.ts";
import { SEMCONVS, type Semconv } from "../environment/semconv.ts";

/** Whether a call is recorded. Gets the full name of the service, and the method's name in the `.proto`. */
export type OtelFilter = (context: { service: string; method: string; stream: boolean }) => boolean;

export interface OtelBaseOptions {
  /**
   * Whether there are no spans. Trace context is handed on all the same; from a server to the calls of its handlers by
   * a context manager, which comes with traces, else is the application's to register. Default false.
   */
  withoutTracing?: boolean | undefined;
  /** Whether there are no metrics. Default false. With both, calls pass through untouched. */
  withoutMetrics?: boolean | undefined;
  /** Calls for which it returns false are not recorded; trace context is handed on. What it throws fails the call. */
  filter?: OtelFilter | undefined;
  /**
   * Which attributes are kept. It is asked once for each method and protocol, and for each span about the peer
   * (`network.peer.address` and others). An attribute for which it throws is left out.
   */
  attributeFilter?: OtelAttributeFilter | undefined;
  /** Whether spans have an event for each message: direction, position and size, no content. Default false. */
  recordMessages?: boolean | undefined;
  /**
   * Whether the sizes of messages are recorded. A server of `@connectum/core` knows them; in clients, in process and on
   * other servers each message is serialized once more for it. Default true.
   */
  sizes?: boolean | undefined;
  /** The names of attributes. Default: `OTEL_SEMCONV_STABILITY_OPT_IN`, else `legacy`. */
  semconv?: Semconv | undefined;
  /** The name of the service, if this interceptor is what first makes the provider. Default: `getServiceMetadata()`. */
  serviceName?: string | undefined;
  /** Makes the tracer. Default: the provider of the process. */
  tracerProvider?: TracerProvider | undefined;
  /** Makes the meter. Default: the provider of the process. */
  meterProvider?: MeterProvider | undefined;
  /** `server.port`. Default: absent on a server; on a client the port of the URL. */
  serverPort?: number | undefined;
}

export interface OtelInterceptorOptions extends OtelBaseOptions {
  /** Whether the span of the caller is the parent. Otherwise the span is a new root with a link. Default false. */
  trustRemote?: boolean | undefined;
  /** `server.address`. Default: the host's name; by the stable names the authority of the request, on spans alone. */
  serverAddress?: string | undefined;
}

export interface OtelClientInterceptorOptions extends OtelBaseOptions {
  /** `server.address`. Default: the host of the request's URL. */
  serverAddress?: string | undefined;
}

const BASE = {
  withoutTracing: true,
  withoutMetrics: true,
  filter: true,
  attributeFilter: true,
  recordMessages: true,
  sizes: true,
  semconv: true,
  serviceName: true,
  tracerProvider: true,
  meterProvider: true,
  serverAddress: true,
  serverPort: true,
} as const satisfies Keys<OtelClientInterceptorOptions>;

const SERVER = { ...BASE, trustRemote: true } as const satisfies Keys<OtelInterceptorOptions>;

export function checkServerOptions(where: string, options: OtelInterceptorOptions): void {
  assertKnownKeys(options, SERVER, { where });
  assertBoolean(where, "trustRemote", options.trustRemote);
  checkBaseOptions(where, options);
}

export function checkClientOptions(where: string, options: OtelClientInterceptorOptions): void {
  assertKnownKeys(options, BASE, { where });
  checkBaseOptions(where, options);
}

function checkBaseOptions(where: string, options: OtelClientInterceptorOptions): void {
  for (const name of ["withoutTracing", "withoutMetrics", "recordMessages", "sizes"] as const) {
    assertBoolean(where, name, options[name]);
  }
  for (const name of ["filter", "attributeFilter"] as const) assertFunction(where, name, options[name]);
  for (const name of ["serviceName", "serverAddress"] as const) assertString(where, name, options[name]);
  const { semconv, serverPort } = options;
  if (semconv !== undefined) assertOneOf(where, "semconv", semconv, SEMCONVS);
  if (serverPort !== undefined) assertInteger(where, "serverPort", serverPort, 0, 65_535);
  assertMethods(where, "tracerProvider", options.tracerProvider, ["getTracer"]);
  assertMethods(where, "meterProvider", options.meterProvider, ["getMeter"]);
}
