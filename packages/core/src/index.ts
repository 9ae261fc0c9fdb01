// All that `@connectum/core` offers.
export {
  BooleanFromStringSchema,
  type ConnectumEnv,
  ConnectumEnvSchema,
  LogFormatSchema,
  LoggerBackendSchema,
  LogLevelSchema,
  NodeEnvSchema,
  parseEnvConfig,
  safeParseEnvConfig,
} from "./config.ts";
export { createServer } from "./create-server.ts";
export {
  type ConnectumMethodImpl,
  type ConnectumServiceImpl,
  defineLazyService,
  defineService,
  type ServiceDefinition,
} from "./define-service.ts";
export { EffectiveTransport, resolveEffectiveTransport } from "./effective-transport.ts";
export type { EventBusLike } from "./event-bus.ts";
export type { Http2Options } from "./http2-options.ts";
export type { Logger } from "./logger.ts";
export type { Compression, MethodOptions, ServiceOptions } from "./method-options.ts";
export type {
  HttpHandler,
  NodeRequest,
  NodeResponse,
  ProtocolContext,
  ProtocolRegistration,
  ProtocolServer,
} from "./protocol.ts";
export type { ServiceRoute } from "./router.ts";
export { isSanitizableError, type SanitizableError } from "./sanitizable-error.ts";
export { LifecycleEvent, type Server, ServerState, type TransportServer } from "./server-interface.ts";
export type { CreateServerOptions } from "./server-options.ts";
export type { ShutdownHook } from "./shutdown.ts";
export type { ShutdownOptions } from "./shutdown-options.ts";
export { getTLSPath, type PemOrPath, readTLSCertificates, type TLSOptions, tlsPath } from "./tls.ts";
export {
  collectStreamingMethods,
  type StreamingMethodInfo,
  TRANSPORT_VALIDATION_ERROR_CODE,
  TransportValidationError,
  TransportValidationMode,
} from "./transport-validation.ts";
