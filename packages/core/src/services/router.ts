// The ConnectRouter that services register on: it makes a route of each method.
import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { type BuiltInProtocol, builtInProtocolOf, type HealthState } from "@connectum/hooks";
import {
  assertServiceOptions,
  type MethodOptions,
  type ResolvedMethodOptions,
  resolveMethodOptions,
  type ServiceOptions,
} from "../options/method-options.ts";
import type { ServiceDefinition } from "./define-service.ts";
import type { HttpHandler, ProtocolRegistration, ProtocolServer } from "./protocol.ts";
import { type AnyHandler, Route, type RouteSettings } from "./route.ts";

/**
 * A function that registers services, as ConnectRPC's adapters take it: often the default export of a `routes` module.
 */
export type ServiceRoute = (router: ConnectRouter) => void;

/** Everything that a server serves. */
export interface RouteTable {
  /** The server's options of calls. */
  readonly options: ResolvedMethodOptions;
  /** One for each path; its index is the method's index in Rust. */
  readonly routes: readonly Route[];
  /** The services that were registered as a whole, in order, those of protocols too. */
  readonly services: readonly DescService[];
  /** All methods but those of protocols. */
  readonly applicationMethods: readonly DescMethod[];
  /** Asked in turn about plain HTTP requests. */
  readonly httpHandlers: readonly HttpHandler[];
  /** Built-in health. */
  readonly health: HealthState | undefined;
  /** The server as its protocols see it. */
  readonly server: ProtocolServer;
}

/** The arguments of {@link mount}. */
export interface MountOptions {
  readonly services: readonly (ServiceDefinition | ServiceRoute)[];
  readonly protocols?: readonly ProtocolRegistration[];
  /** Around every handler; the first is outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** The server's options of calls. */
  readonly options?: MethodOptions;
  /** Aborts when the server begins to stop. */
  readonly shutdownSignal?: AbortSignal;
  /** Full names of the services to mount; undefined for all. */
  readonly enabled?: readonly string[] | undefined;
}

/**
 * Runs every registration once: first those of services, then those of protocols.
 *
 * @throws TypeError or RangeError for an invalid option; whatever a registration throws
 */
export function mount(mounting: MountOptions): RouteTable {
  const { services, protocols = [], interceptors = [], enabled } = mounting;
  const options = resolveMethodOptions(mounting.options ?? {}, "createServer");
  const record = new RouteRegistry();
  const router = recordingRouter(record, { options, interceptors, enabled: enabled && new Set(enabled) });
  for (const element of services) {
    if (typeof element === "function") element(router);
    else if (enabled === undefined || enabled.includes(element.descriptor.typeName)) {
      element.register(router, registerContext);
    }
  }
  const applicationMethods = [...record.routes.values()].map(({ method }) => method);
  const server = new ServerView(record, mounting.shutdownSignal);
  const described = protocols.map((protocol) => ({ protocol, builtIn: builtInProtocolOf(protocol) }));
  for (const { protocol, builtIn } of described) {
    // Probes must reach health whatever interceptors demand of callers. Reflection shows schemas, so interceptors guard
    // it.
    const isBare = builtIn?.kind === "health" && !builtIn.state.interceptors;
    const around = isBare ? [] : interceptors;
    const protocolRouter = recordingRouter(record, { options, interceptors: around, builtIn: builtIn?.kind });
    protocol.register(protocolRouter, { registry: [...record.files], server });
  }
  const health = healthOf(described.map(({ builtIn }) => builtIn));
  health?.initialize(server.applicationServices.map(({ typeName }) => typeName));
  return {
    options,
    routes: [...record.routes.values()],
    services: record.services,
    applicationMethods,
    // The endpoints of built-in health are Rust's.
    httpHandlers: described.flatMap(({ protocol: { httpHandler }, builtIn }) =>
      httpHandler === undefined || builtIn?.kind === "health" ? [] : [httpHandler],
    ),
    health,
    server,
  };
}

/** @throws TypeError for more than one */
function healthOf(protocols: readonly (BuiltInProtocol | undefined)[]): HealthState | undefined {
  const states = protocols.flatMap((builtIn) => (builtIn?.kind === "health" ? [builtIn.state] : []));
  if (states.length > 1)
    throw new TypeError("createServer: protocols has Healthcheck() twice; a server has one health");
  return states[0];
}

/** Handlers need no wrapping: the router accepts objects and class instances alike. */
const registerContext = {
  wrapHandlers: <S extends DescService>(_: S, handlers: Partial<ServiceImpl<S>>) => handlers,
};

/** The registrations so far. */
class RouteRegistry {
  /** By path: of two registrations the later one serves. */
  readonly routes = new Map<string, Route>();
  readonly services: DescService[] = [];
  readonly files = new Set<DescFile>();
}

/** The server as its protocols see it. Its services are those registered when they look. */
class ServerView implements ProtocolServer {
  readonly #record: RouteRegistry;
  #shutdownSignal: AbortSignal | undefined;

  constructor(record: RouteRegistry, shutdownSignal: AbortSignal | undefined) {
    this.#record = record;
    this.#shutdownSignal = shutdownSignal;
  }

  /** Without a server it never aborts. */
  get shutdownSignal(): AbortSignal {
    this.#shutdownSignal ??= new AbortController().signal;
    return this.#shutdownSignal;
  }

  get services(): readonly DescService[] {
    return servicesOf([...this.#record.routes.values()]);
  }

  get applicationServices(): readonly DescService[] {
    return servicesOf([...this.#record.routes.values()].filter(({ builtIn }) => builtIn === undefined));
  }
}

/** The services of routes, each once. */
function servicesOf(routes: readonly Route[]): DescService[] {
  return [...new Set(routes.map(({ method }) => method.parent))];
}

/** The settings that all registrations on one router share. */
interface RouterOptions {
  readonly options: ResolvedMethodOptions;
  readonly interceptors: readonly Interceptor[];
  /** Full names of the services to mount; undefined for all. */
  readonly enabled?: ReadonlySet<string> | undefined;
  /** The built-in protocol that registers here, if it is one. */
  readonly builtIn?: BuiltInProtocol["kind"] | undefined;
}

/** A router that records what is registered. */
function recordingRouter(
  record: RouteRegistry,
  { options: serverOptions, interceptors, enabled, builtIn }: RouterOptions,
): ConnectRouter {
  /** Repeats the registrations on connect's own router, for users of `handlers`. */
  const replay: ((router: ConnectRouter) => void)[] = [];
  const isEnabled = (service: DescService) => enabled === undefined || enabled.has(service.typeName);
  /** The settings that the routes of one registration share. */
  const settingsOf = ({ typeName }: DescService, options: ServiceOptions): RouteSettings => {
    assertServiceOptions(options, typeName);
    return {
      options: resolveMethodOptions(options, typeName, serverOptions),
      interceptors: [...interceptors, ...(options.interceptors ?? [])],
      shutdownSignal: options.shutdownSignal,
      builtIn,
    };
  };
  const add = (method: DescMethod, handler: AnyHandler, settings: RouteSettings) => {
    const route = new Route(method, handler, settings);
    record.routes.set(route.path, route);
    record.files.add(method.parent.file);
  };
  const router: ConnectRouter = {
    get handlers() {
      const connectRouter = createConnectRouter();
      for (const register of replay) register(connectRouter);
      return connectRouter.handlers;
    },
    service(service, implementation, options = {}) {
      if (!isEnabled(service)) return router;
      const settings = settingsOf(service, options);
      for (const method of service.methods) {
        // Looked up by name: at run time an implementation may have anything there, or nothing.
        const handler: unknown = Reflect.get(implementation, method.localName);
        const isThere = typeof handler === "function";
        add(method, isThere ? (handler.bind(implementation) as AnyHandler) : unimplemented(method), settings);
      }
      record.services.push(service);
      record.files.add(service.file);
      replay.push((connectRouter) => connectRouter.service(service, implementation, options));
      return router;
    },
    rpc(method, implementation, options = {}) {
      if (!isEnabled(method.parent)) return router;
      add(method, implementation as AnyHandler, settingsOf(method.parent, options));
      replay.push((connectRouter) => connectRouter.rpc(method, implementation, options));
      return router;
    },
  };
  return router;
}

function unimplemented(method: DescMethod): AnyHandler {
  return () => {
    throw new ConnectError(`${method.parent.typeName}.${method.name} is not implemented`, Code.Unimplemented);
  };
}
