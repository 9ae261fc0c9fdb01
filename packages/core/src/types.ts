// All that `@connectum/core/types` offers: a server as programs see it, without what makes one.
export type { EventBusLike } from "./event-bus.ts";
export type { HealthSink, HealthState, NativeProtocol, ReflectionState } from "./native-protocol.ts";
export type {
  HttpHandler,
  NodeRequest,
  NodeResponse,
  ProtocolContext,
  ProtocolRegistration,
  ProtocolServer,
} from "./protocol.ts";
export { LifecycleEvent, type Server, ServerState, type TransportServer } from "./server-interface.ts";
export type { CreateServerOptions } from "./server-options.ts";
export type { ShutdownHook } from "./shutdown.ts";
export type { ShutdownOptions } from "./shutdown-options.ts";
export type { TLSOptions } from "./tls.ts";
