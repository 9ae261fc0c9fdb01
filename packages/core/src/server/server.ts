// The public interface of a server: states, events and members. The class that implements it is internal.
import type { EventEmitter } from "node:events";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import type { Client, Interceptor } from "@connectrpc/connect";
import type { ServiceDefinition } from "../services/define-service.ts";
import type { ProtocolRegistration } from "../services/protocol.ts";
import type { ServiceRoute } from "../services/router.ts";
import type { EventBusLike } from "./event-bus.ts";
import type { ServerCertificate } from "./server-certificate.ts";
import type { ServerClientOptions } from "./server-clients.ts";
import type { TLSReload, TLSReloadError } from "./server-tls.ts";
import type { ShutdownHook } from "./shutdown.ts";
import type { TLSSource } from "./tls-options.ts";

/** The state of a server. */
export const ServerState = {
  CREATED: "created",
  STARTING: "starting",
  RUNNING: "running",
  STOPPING: "stopping",
  STOPPED: "stopped",
} as const;
export type ServerState = (typeof ServerState)[keyof typeof ServerState];

/** The events of a server. */
export const LifecycleEvent = {
  START: "start",
  READY: "ready",
  STOPPING: "stopping",
  STOP: "stop",
  ERROR: "error",
  TLS_RELOAD: "tlsReload",
  TLS_RELOAD_ERROR: "tlsReloadError",
} as const;
export type LifecycleEvent = (typeof LifecycleEvent)[keyof typeof LifecycleEvent];

/** The arguments of the listeners of each event. */
export interface ServerEvents {
  start: [];
  ready: [];
  stopping: [];
  stop: [];
  error: [error: Error];
  /** A listener uses other certificates. */
  tlsReload: [reload: TLSReload];
  /** A listener was to use other certificates, and uses those that it has. */
  tlsReloadError: [error: TLSReloadError];
}

/** The listeners of a running server. */
export interface TransportServer {
  readonly listening: boolean;
  /** The same as the server's `address`. */
  address(): AddressInfo | null;
  /** Stops the server: the same as its `stop()`. */
  close(): Promise<void>;
}

/** A server, as `createServer()` returns it. */
export interface Server extends EventEmitter {
  /**
   * Mounts the services and listens.
   *
   * @throws Error outside the state `created`; the error of a listener, a service, an option, or the socket, after
   * which the server is stopped
   */
  start(): Promise<void>;
  /**
   * Stops accepting, lets the calls in flight end, runs the hooks.
   *
   * @throws Error unless the server is running, or stopping already; in a hook, which it would wait for; the first
   * failure of a hook
   */
  stop(): Promise<void>;

  /**
   * Replaces certificates, keys and authorities: new connections get the new ones, open ones keep theirs. Without
   * options it reads the files again, and calls the functions that `tls` may be. With options it replaces all of
   * those that were given before; if they had `ca`, these need it too, or `clientAuth: "none"`.
   *
   * Each listener emits `tlsReload` or `tlsReloadError`. One that fails keeps what it has; the others go on.
   *
   * @param listener the position of one in the option `listeners`. Default: all that have TLS; with options there must
   * be only one
   * @throws Error unless the server is running; TypeError or RangeError for a listener that does not exist or has no
   * TLS; the first error of a listener, which is one that `start()` could reject with
   */
  reloadTLS(tls?: TLSSource, listener?: number): Promise<void>;

  readonly state: ServerState;
  /** Whether the state is `running`. */
  readonly isRunning: boolean;
  /**
   * The address of its first TCP listener; null if there is none, before the server listens, and after it has stopped.
   */
  readonly address: AddressInfo | null;
  /**
   * The addresses of all its sockets, in the order of its listeners: a string is the path of a Unix socket, as Node's
   * `server.address()` has it. Empty before the server listens, and after it has stopped.
   */
  readonly addresses: readonly (AddressInfo | string)[];
  /** The listeners; null before it listens and after it has stopped. */
  readonly transport: TransportServer | null;
  /** The certificates that the listeners show now. Empty before the server listens, and after it has stopped. */
  readonly certificates: readonly ServerCertificate[];
  /** The services as they were given. */
  readonly routes: ReadonlyArray<ServiceDefinition | ServiceRoute>;
  readonly interceptors: ReadonlyArray<Interceptor>;
  readonly protocols: ReadonlyArray<ProtocolRegistration>;
  readonly eventBus: EventBusLike | null;
  /** Aborts when the server begins to stop. */
  readonly shutdownSignal: AbortSignal;

  /** @throws Error once the server has been started, or its routes looked at */
  addService(service: ServiceDefinition | ServiceRoute): void;
  /**
   * @param place inside of the interceptors that the server has by then, or around them. Default: `innermost`
   * @throws Error once the server has been started, or its routes looked at; RangeError for another place
   */
  addInterceptor(interceptor: Interceptor, place?: "innermost" | "outermost"): void;
  /** @throws Error once the server has been started, or its routes looked at */
  addProtocol(protocol: ProtocolRegistration): void;
  /**
   * Whether the service is mounted, by its full name. Makes the routes, unless they are made already.
   *
   * @throws TypeError for anything but the descriptor of a service
   */
  hasService(service: DescService): boolean;
  /**
   * A client of a service of this server, in process: see `createLocalTransport()`. Makes the routes, unless they are
   * made already. A service that is not mounted fails when it is called, with `unimplemented`.
   *
   * @throws TypeError for anything but the descriptor of a service
   */
  localClient<T extends DescService>(service: T): Client<T>;
  /**
   * A client of a service wherever it is: in process if it is mounted here, otherwise over the transport of
   * `remoteResolver`. `outgoingInterceptors` are around its calls.
   *
   * @throws TypeError for anything but the descriptor of a service, and for invalid options; CatalogConfigError for a
   * service that is neither mounted nor can be resolved, as there is no resolver; ConnectError `unavailable` if the
   * resolver finds none; whatever the resolver throws
   */
  client<T extends DescService>(service: T, options?: ServerClientOptions): Client<T>;

  /**
   * Runs `handler` when the server has drained: after the hooks it depends on, and concurrently with all others.
   *
   * @throws Error for a dependency on itself, and once the server has stopped
   */
  onShutdown(handler: ShutdownHook): void;
  onShutdown(name: string, handler: ShutdownHook): void;
  onShutdown(name: string, dependencies: string[], handler: ShutdownHook): void;

  // One signature for all events, so that a loop over their names compiles; all else is EventEmitter's.
  on<E extends LifecycleEvent>(event: E, listener: (...given: ServerEvents[E]) => void): this;
  once<E extends LifecycleEvent>(event: E, listener: (...given: ServerEvents[E]) => void): this;
  off<E extends LifecycleEvent>(event: E, listener: (...given: ServerEvents[E]) => void): this;
}
