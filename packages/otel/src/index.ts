// The exports of `@connectum/otel`.
export type { Meter, Tracer } from "@opentelemetry/api";
export * from "./attributes.ts";
export type {
  OtelBaseOptions,
  OtelClientInterceptorOptions,
  OtelFilter,
  OtelInterceptorOptions,
} from "./calls/call-options.ts";
export { createOtelClientInterceptor } from "./calls/client-interceptor.ts";
export {
  createRpcClientMetrics,
  createRpcServerMetrics,
  type RpcClientMetrics,
  type RpcServerMetrics,
} from "./calls/instruments.ts";
export { estimateMessageSize } from "./calls/message-size.ts";
export { createOtelInterceptor } from "./calls/server-interceptor.ts";
export type { OtelAttributeFilter } from "./conventions/base-attributes.ts";
export { buildErrorAttributes } from "./conventions/error-attributes.ts";
export { detectConnectumTransport } from "./conventions/transport.ts";
export { type BatchSpanProcessorOptions, getBatchSpanProcessorOptions } from "./environment/batch-options.ts";
export { type CollectorOptions, getCollectorOptions } from "./environment/collector-options.ts";
export { ExporterType } from "./environment/exporter-type.ts";
export { getOTLPSettings, type OTLPSettings } from "./environment/otlp-settings.ts";
export type { Semconv } from "./environment/semconv.ts";
export { getServiceMetadata } from "./environment/service-metadata.ts";
export { getLogger, type LogAttributes, type Logger, type LoggerOptions } from "./logs/logger.ts";
export { otelPinoStream, type PinoStream, type PinoStreamOptions } from "./logs/pino-stream.ts";
export { getMeter, getProvider, getTracer, initProvider, shutdownProvider } from "./provider/current-provider.ts";
export { otelShutdown, type ServerWithHooks } from "./provider/otel-shutdown.ts";
export type { ProviderOptions } from "./provider/provider-options.ts";
export { type MethodArgsFilter, type TraceAllOptions, traceAll } from "./spans/trace-all.ts";
export { type ArgsFilter, type TracedOptions, traced } from "./spans/traced.ts";
