// The exports of `@connectum/otel`.
export type { Meter, Tracer } from "@opentelemetry/api";
export * from "./attributes.ts";
export type { OtelAttributeFilter } from "./conventions/base-attributes.ts";
export { buildErrorAttributes } from "./conventions/error-attributes.ts";
export { detectConnectumTransport } from "./conventions/transport.ts";
export { type BatchSpanProcessorOptions, getBatchSpanProcessorOptions } from "./environment/batch-options.ts";
export { type CollectorOptions, getCollectorOptions } from "./environment/collector-options.ts";
export { ExporterType } from "./environment/exporter-type.ts";
export { getOTLPSettings, type OTLPSettings } from "./environment/otlp-settings.ts";
export type { Semconv } from "./environment/semconv.ts";
export { getServiceMetadata } from "./environment/service-metadata.ts";
export { getMeter, getProvider, getTracer, initProvider, shutdownProvider } from "./provider/current-provider.ts";
export type { ProviderOptions } from "./provider/provider-options.ts";
