// The exports of `@connectum/core/types`: the types of a server, without the code that creates one.

export type { BuiltInProtocol, HealthSink, HealthState, ReflectionState } from "@connectum/hooks";
export type { FetchHandler, FetchInfo } from "./options/fetch-handler.ts";
export type {
  InProcessPeer,
  Peer,
  PeerAddress,
  PeerCertificate,
  PeerCredentials,
  PeerTls,
  TcpPeer,
  UnixPeer,
  UnknownPeer,
} from "./options/peer.ts";
export type { CorsOptions } from "./server/cors-options.ts";
export type { EventBusLike } from "./server/event-bus.ts";
export { LifecycleEvent, type Server, ServerState, type TransportServer } from "./server/server.ts";
export type { ServerCertificate } from "./server/server-certificate.ts";
export type { ServerClientOptions } from "./server/server-clients.ts";
export type { CreateServerOptions } from "./server/server-options.ts";
export type { TLSReload, TLSReloadError } from "./server/server-tls.ts";
export type { ShutdownHook } from "./server/shutdown.ts";
export type { ShutdownOptions } from "./server/shutdown-options.ts";
export type { TLSCertificate, TLSOptions, TLSSource, TLSVersion } from "./server/tls-options.ts";
export type {
  HttpHandler,
  NodeRequest,
  NodeResponse,
  ProtocolContext,
  ProtocolRegistration,
  ProtocolServer,
} from "./services/protocol.ts";
