// The ConnectRouter that services are given: it records what they register, and makes routes of it.
import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import {
  assertServiceOptions,
  type MethodOptions,
  resolveMethodOptions,
  type ServiceOptions,
} from "../options/method-options.ts";
import { type BuiltInProtocol, builtInProtocol, type HealthState } from "./built-in-protocol.ts";
import type { ServiceDefinition } from "./define-service.ts";
import type { HttpHandler, ProtocolRegistration, ProtocolServer } from "./protocol.ts";
import { type AnyHandler, Route } from "./route.ts";

/** A function that registers services, as ConnectRPC's adapters take it: often the default export of a `routes` module. */
export type ServiceRoute = (router: ConnectRouter) => void;

/** What a server serves. */
export interface RouteTable {
  /** One for each path; the index is the method's number in Rust. */
  readonly routes: readonly Route[];
  /** The services registered whole, in order, those of protocols too. */
  readonly services: readonly DescService[];
  /** The methods of the application: all but those of protocols. */
  readonly applicationMethods: readonly DescMethod[];
  /** Asked in turn about requests for other paths. */
  readonly httpHandlers: readonly HttpHandler[];
  /** The health that the server answers from Rust. */
  readonly health: HealthState | undefined;
  /** What protocols see of the server. */
  readonly server: ProtocolServer;
}

/** What is to be served, and how. */
export interface MountOptions {
  readonly services: readonly (ServiceDefinition | ServiceRoute)[];
  readonly protocols?: readonly ProtocolRegistration[];
  /** Around every handler; the first is outermost. */
  readonly interceptors?: readonly Interceptor[];
  readonly options?: MethodOptions;
  /** Aborts when the server begins to stop. */
  readonly shutdownSignal?: AbortSignal;
  /** Full names of the services to mount; undefined for all. */
  readonly enabled?: readonly string[] | undefined;
}

/**
 * Runs every registration, once: the services', then the protocols'.
 *
 * @throws TypeError or RangeError for options that a service cannot have; whatever a registration throws
 */
export function mount(mounting: MountOptions): RouteTable {
  const { services, protocols = [], interceptors = [], options = {}, enabled } = mounting;
  resolveMethodOptions(options, {}, "createServer");
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
  const described = protocols.map((protocol) => ({ protocol, native: builtInProtocol(protocol) }));
  for (const { protocol, native } of described) {
    // Health is answered when interceptors would not let it be, and reflection is as public as they let it be.
    const isBare = native?.kind === "health" && !native.state.interceptors;
    const around = isBare ? [] : interceptors;
    const protocolRouter = recordingRouter(record, { options, interceptors: around, native: native?.kind });
    protocol.register(protocolRouter, { registry: [...record.files], server });
  }
  const health = healthOf(described.map(({ native }) => native));
  health?.initialize(server.applicationServices.map(({ typeName }) => typeName));
  return {
    routes: [...record.routes.values()],
    services: record.services,
    applicationMethods,
    httpHandlers: described.flatMap(({ protocol: { httpHandler }, native }) =>
      httpHandler === undefined || native?.kind === "health" ? [] : [httpHandler],
    ),
    health,
    server,
  };
}

/** @throws TypeError for more than one: a server has one health */
function healthOf(protocols: readonly (BuiltInProtocol | undefined)[]): HealthState | undefined {
  const states = protocols.flatMap((native) => (native?.kind === "health" ? [native.state] : []));
  if (states.length > 1)
    throw new TypeError("createServer: protocols has Healthcheck() twice; a server has one health");
  return states[0];
}

/** Handlers need no wrapping: the router takes objects and class instances alike. */
const registerContext = {
  wrapHandlers: <S extends DescService>(_: S, handlers: Partial<ServiceImpl<S>>) => handlers,
};

/** What has been registered so far. */
class RouteRegistry {
  /** By path: of two registrations the later one serves. */
  readonly routes = new Map<string, Route>();
  readonly services: DescService[] = [];
  readonly files = new Set<DescFile>();
}

/** The server as its protocols see it: what has been registered by the time they look. */
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
    return servicesOf([...this.#record.routes.values()].filter(({ native }) => native === undefined));
  }
}

/** The services of routes, each once. */
function servicesOf(routes: readonly Route[]): DescService[] {
  return [...new Set(routes.map(({ method }) => method.parent))];
}

/** What all registrations on one router have in common. */
interface RouterOptions {
  readonly options: MethodOptions;
  readonly interceptors: readonly Interceptor[];
  /** Full names of the services to mount; undefined for all. */
  readonly enabled?: ReadonlySet<string> | undefined;
  /** The protocol that Rust answers, when it is one. */
  readonly native?: BuiltInProtocol["kind"] | undefined;
}

/** A router that writes down what it is given. */
function recordingRouter(
  record: RouteRegistry,
  { options: serverOptions, interceptors, enabled, native }: RouterOptions,
): ConnectRouter {
  /** Repeats what was registered on connect's own router, for whoever asks for `handlers`. */
  const replay: ((router: ConnectRouter) => void)[] = [];
  const isEnabled = (service: DescService) => enabled === undefined || enabled.has(service.typeName);
  const add = (method: DescMethod, handler: AnyHandler, options: ServiceOptions) => {
    const where = method.parent.typeName;
    assertServiceOptions(options, where);
    const route = new Route(method, handler, {
      options: resolveMethodOptions(serverOptions, options, where),
      interceptors: [...interceptors, ...(options.interceptors ?? [])],
      shutdownSignal: options.shutdownSignal,
      native,
    });
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
      for (const method of service.methods) {
        // The keys of an implementation are its service's local method names; what is there is checked.
        const handler: unknown = Reflect.get(implementation, method.localName);
        const isThere = typeof handler === "function";
        add(method, isThere ? (handler.bind(implementation) as AnyHandler) : unimplemented(method), options);
      }
      record.services.push(service);
      record.files.add(service.file);
      replay.push((connectRouter) => connectRouter.service(service, implementation, options));
      return router;
    },
    rpc(method, implementation, options = {}) {
      if (!isEnabled(method.parent)) return router;
      add(method, implementation as AnyHandler, options);
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
