// The exports of `@connectum/core`.

export { isSanitizableError, type SanitizableError } from "@connectum/hooks";
export type {
  BidiStreamHandle,
  CallOptions,
  CatalogCall,
  CatalogClient,
  CatalogStream,
  ClientStreamHandle,
  ConnectumCallMap,
  ConnectumStreamMap,
  Context,
  StreamReturn,
} from "./catalog/call-types.ts";
export { CatalogConfigError, defineCatalog, mergeCatalogs, type ServiceCatalog } from "./catalog/catalog.ts";
export { type CreateCatalogClientOptions, createCatalogClient } from "./catalog/catalog-client.ts";
export {
  defaultPropagateHeaders,
  matchServicesPattern,
  mergeEnabledServices,
  parseServicesEnv,
} from "./catalog/enabled-services.ts";
export {
  type DnsResolverOptions,
  dnsResolver,
  mapResolver,
  type PerServiceEnvResolverOptions,
  perServiceEnvResolver,
  type RemoteResolver,
  type ResolverContext,
  singleTransportResolver,
} from "./catalog/resolvers.ts";
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
export { peerOf } from "./http/peer-of.ts";
export { type CreateLocalTransportOptions, createLocalTransport } from "./local/create-local-transport.ts";
export type { ContextRequest, ContextValuesFactory } from "./options/context-values.ts";
export type { FetchHandler, FetchInfo } from "./options/fetch-handler.ts";
export type { Logger } from "./options/logger.ts";
export type {
  Compression,
  CompressionName,
  MethodOptions,
  ServiceDefinitionOptions,
  ServiceOptions,
} from "./options/method-options.ts";
export {
  type InProcessPeer,
  type Peer,
  type PeerAddress,
  type PeerCertificate,
  type PeerCredentials,
  type PeerTls,
  peerKey,
  type TcpPeer,
  type UnixPeer,
  type UnknownPeer,
} from "./options/peer.ts";
export type { CorsOptions } from "./server/cors-options.ts";
export { createServer } from "./server/create-server.ts";
export { EffectiveTransport, resolveEffectiveTransport } from "./server/effective-transport.ts";
export type { EventBusLike } from "./server/event-bus.ts";
export type { Http2Options } from "./server/http2-options.ts";
export type { ListenerOptions } from "./server/listener-options.ts";
export type { PemOrPath } from "./server/pem.ts";
export { LifecycleEvent, type Server, ServerState, type TransportServer } from "./server/server.ts";
export type { ServerCertificate } from "./server/server-certificate.ts";
export type { ServerClientOptions } from "./server/server-clients.ts";
export type { CreateServerOptions } from "./server/server-options.ts";
export type { TLSReload, TLSReloadError } from "./server/server-tls.ts";
export type { ShutdownHook } from "./server/shutdown.ts";
export type { ShutdownOptions } from "./server/shutdown-options.ts";
export { getTLSPath, readTLSCertificates, tlsPath } from "./server/tls-identity.ts";
export type { TLSCertificate, TLSOptions, TLSSource, TLSVersion } from "./server/tls-options.ts";
export {
  collectStreamingMethods,
  type StreamingMethodInfo,
  TRANSPORT_VALIDATION_ERROR_CODE,
  TransportValidationError,
  TransportValidationMode,
} from "./server/transport-validation.ts";
export {
  type ConnectumMethodImpl,
  type ConnectumServiceImpl,
  defineLazyService,
  defineService,
  type ServiceDefinition,
} from "./services/define-service.ts";
export type {
  HttpHandler,
  NodeRequest,
  NodeResponse,
  ProtocolContext,
  ProtocolRegistration,
  ProtocolServer,
} from "./services/protocol.ts";
export type { ServiceRoute } from "./services/router.ts";
