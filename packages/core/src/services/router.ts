// The ConnectRouter that services register on: it makes a route of each method.
import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import { type BuiltInProtocol, builtInProtocolOf, type HealthState, isThenable, nearestName } from "@connectum/hooks";
import { NO_CATALOG, type OutgoingCalls } from "../catalog/outgoing-calls.ts";
import { assertService } from "../catalog/service-descriptor.ts";
import type { ContextValuesFactory } from "../options/context-values.ts";
import type { FetchHandler } from "../options/fetch-handler.ts";
import { type Logger, safeLogger } from "../options/logger.ts";
import {
  assertServiceOptions,
  type MethodOptions,
  type ResolvedMethodOptions,
  resolveMethodOptions,
  type ServiceOptions,
} from "../options/method-options.ts";
import { isDefinition, type ServiceDefinition } from "./define-service.ts";
import { assertHandler, handlersOf, misnamedHandlers } from "./handlers.ts";
import type { HttpHandler, ProtocolRegistration, ProtocolServer } from "./protocol.ts";
import { type AnyHandler, Route, type RouteSettings } from "./route.ts";

/**
 * A function that registers services, as ConnectRPC's adapters take it: often the default export of a `routes` module.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: `void` alone would let an async function pass
export type ServiceRoute = (router: ConnectRouter) => void | boolean | null | ConnectRouter | readonly unknown[];

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
  /** Serves the plain HTTP requests that none of them takes. */
  readonly fetch: FetchHandler | undefined;
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
  /** Makes the context values of each call that JavaScript serves. */
  readonly contextValues?: ContextValuesFactory | undefined;
  /** Makes the calls of handlers to other services. Default: there is no catalog. */
  readonly outgoing?: OutgoingCalls | undefined;
  /** Serves the plain HTTP requests that no protocol takes. */
  readonly fetch?: FetchHandler | undefined;
  /** Gets warnings of what is allowed but probably a mistake. Default `console`. */
  readonly logger?: Logger | undefined;
}

/**
 * Runs every registration once: first those of services, then those of protocols.
 *
 * @throws TypeError or RangeError for an invalid option; whatever a registration throws
 */
export function mount(mounting: MountOptions): RouteTable {
  const { services, protocols = [], interceptors = [], enabled, contextValues, outgoing = NO_CATALOG } = mounting;
  const warn = safeLogger(mounting.logger).warn;
  const options = resolveMethodOptions(mounting.options ?? {}, "createServer", { warn });
  const record = new RouteRegistry();
  const router = recordingRouter(record, {
    options,
    interceptors,
    enabled: enabled && new Set(enabled),
    contextValues,
    outgoing,
    warn,
  });
  for (const [index, element] of services.entries()) {
    if (typeof element === "function") callRoute(element, router, index);
    else {
      record.offered.add(element.descriptor.typeName);
      if (enabled !== undefined && !enabled.includes(element.descriptor.typeName)) continue;
      element.register(router);
    }
  }
  for (const name of enabled ?? []) if (!record.offered.has(name)) warn(neverOffered(name, [...record.offered]));
  const applicationMethods = [...record.routes.values()].map(({ method }) => method);
  const server = new ServerView(record, mounting.shutdownSignal);
  const described = protocols.map((protocol) => ({ protocol, builtIn: builtInProtocolOf(protocol) }));
  for (const { protocol, builtIn } of described) {
    // By default probes reach health whatever interceptors demand of callers, and interceptors guard the schemas that
    // reflection shows.
    const isBare = builtIn !== undefined && !hasInterceptors(builtIn);
    const around = isBare ? [] : interceptors;
    const protocolRouter = recordingRouter(record, {
      options,
      interceptors: around,
      builtIn: builtIn?.kind,
      contextValues,
      outgoing,
      warn,
    });
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
    httpHandlers: described.flatMap(({ protocol: { name, httpHandler }, builtIn }) =>
      httpHandler === undefined || builtIn?.kind === "health" ? [] : [watchedHttpHandler(name, httpHandler, warn)],
    ),
    fetch: mounting.fetch,
    health,
    server,
  };
}

/**
 * @throws TypeError for an async function, whose services would be registered when the server is listening already; and
 * for a function that makes services and was not called
 */
function callRoute(route: ServiceRoute, router: ConnectRouter, index: number): void {
  const returned: unknown = route(router);
  if (typeof returned === "function" || isDefinition(returned)) {
    const what = typeof returned === "function" ? "a function" : "a definition";
    throw new TypeError(
      `createServer: services[${index}] returned ${what}, which registers nothing by itself. Did you mean to call it?`,
    );
  }
  if (!isThenable(returned)) return;
  // Nobody awaits it, and an unhandled rejection ends the process.
  returned.then(undefined, () => {});
  const right = "Load what it needs before createServer(), and let the function register its services at once";
  throw new TypeError(`createServer: services[${index}] is an async function, it returned a promise. ${right}`);
}

function neverOffered(name: string, offered: readonly string[]): string {
  const nearest = nearestName(name, offered);
  const right = nearest === undefined ? `There are ${offered.join(", ") || "none"}.` : `Did you mean "${nearest}"?`;
  return `createServer: enabledServices has "${name}", which services does not have. ${right}`;
}

/** Warns once of a handler that returns a promise: that is truthy, so no other handler is asked. */
function watchedHttpHandler(name: string, httpHandler: HttpHandler, warn: (message: string) => void): HttpHandler {
  let isWarned = false;
  return (request, response) => {
    const handled: unknown = httpHandler(request, response);
    if (!isWarned && isThenable(handled)) {
      isWarned = true;
      const complaint = "returned a promise, which counts as true even if it resolves to false";
      warn(`the httpHandler of the protocol "${name}" ${complaint}. Return true or false at once`);
    }
    return handled as boolean;
  };
}

/** An older package of reflection does not say it, and schemas are not to be shown by accident. */
function hasInterceptors({ kind, state }: BuiltInProtocol): boolean {
  return kind === "health" ? state.interceptors : state.interceptors !== false;
}

/** @throws TypeError for more than one */
function healthOf(protocols: readonly (BuiltInProtocol | undefined)[]): HealthState | undefined {
  const states = protocols.flatMap((builtIn) => (builtIn?.kind === "health" ? [builtIn.state] : []));
  if (states.length > 1)
    throw new TypeError("createServer: protocols has Healthcheck() twice; a server has one health");
  return states[0];
}

/** The registrations so far. */
class RouteRegistry {
  /** By path: of two registrations the later one serves. */
  readonly routes = new Map<string, Route>();
  readonly services: DescService[] = [];
  readonly files = new Set<DescFile>();
  /** Full names of the services that were registered, those that are not enabled too. */
  readonly offered = new Set<string>();
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
  readonly contextValues?: ContextValuesFactory | undefined;
  readonly outgoing: OutgoingCalls;
  /** Gets warnings. */
  readonly warn: (message: string) => void;
}

/** A router that records what is registered. */
function recordingRouter(
  record: RouteRegistry,
  { options: serverOptions, interceptors, enabled, builtIn, contextValues, outgoing, warn }: RouterOptions,
): ConnectRouter {
  /** Repeats the registrations on connect's own router, for users of `handlers`. */
  const replay: ((router: ConnectRouter) => void)[] = [];
  const isEnabled = (service: DescService) => enabled === undefined || enabled.has(service.typeName);
  /** The settings that the routes of one registration share. */
  const settingsOf = ({ typeName }: DescService, options: ServiceOptions): RouteSettings => {
    assertServiceOptions(options, typeName);
    return {
      options: resolveMethodOptions(options, typeName, { inherited: serverOptions, warn }),
      interceptors: [...interceptors, ...(options.interceptors ?? [])],
      shutdownSignal: options.shutdownSignal,
      builtIn,
      contextValues,
      outgoing,
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
      assertService("router.service", service);
      record.offered.add(service.typeName);
      if (!isEnabled(service)) return router;
      const settings = settingsOf(service, options);
      const handlers = handlersOf(service, implementation);
      for (const text of misnamedHandlers(service, implementation)) warn(text);
      if (record.services.some(({ typeName }) => typeName === service.typeName)) {
        warn(`createServer: the service ${service.typeName} is registered twice; the later handlers serve its calls`);
      }
      for (const method of service.methods) add(method, handlers.get(method) ?? unimplemented(method), settings);
      record.services.push(service);
      record.files.add(service.file);
      replay.push((connectRouter) => connectRouter.service(service, implementation, options));
      return router;
    },
    rpc(method, implementation, options = {}) {
      record.offered.add(method.parent.typeName);
      if (!isEnabled(method.parent)) return router;
      assertHandler(method, implementation);
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
