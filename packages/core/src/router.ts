// The ConnectRouter that services are given: it records what they register, and makes routes of it.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type MethodImpl,
  type ServiceImpl,
} from "@connectrpc/connect";
import type { ServiceDefinition } from "./define-service.ts";
import { type MethodOptions, resolveMethodOptions, type ServiceOptions } from "./method-options.ts";
import { type AnyHandler, Route } from "./route.ts";

/** A function that registers services, as ConnectRPC's adapters take it: often the default export of a `routes` module. */
export type ServiceRoute = (router: ConnectRouter) => void;

/** What the services of a server have registered. */
export interface Mounted {
  /** One for each path; the index is the method's number in Rust. */
  readonly routes: readonly Route[];
  /** The services registered whole, in order. */
  readonly services: readonly DescService[];
}

/**
 * Runs every registration, once.
 *
 * @param enabled full names of the services to mount; undefined for all
 * @throws TypeError for options that a service cannot have
 */
export function mount(
  elements: readonly (ServiceDefinition | ServiceRoute)[],
  options: MethodOptions,
  enabled: readonly string[] | undefined,
): Mounted {
  resolveMethodOptions(options, {}, "createServer");
  const recorder = new Recorder(options, enabled);
  for (const element of elements) {
    if (typeof element === "function") element(recorder.router);
    else if (recorder.isEnabled(element.descriptor)) element.register(recorder.router, registerContext);
  }
  return { routes: [...recorder.routes.values()], services: recorder.services };
}

/** Handlers need no wrapping: the router takes objects and class instances alike. */
const registerContext = {
  wrapHandlers: <S extends DescService>(_: S, handlers: Partial<ServiceImpl<S>>) => handlers,
};

class Recorder {
  /** By path: of two registrations the later one serves. */
  readonly routes = new Map<string, Route>();
  readonly services: DescService[] = [];
  readonly router: ConnectRouter;
  readonly #options: MethodOptions;
  readonly #enabled: ReadonlySet<string> | undefined;
  /** Repeats what was registered on connect's own router, for whoever asks for `handlers`. */
  readonly #replay: ((router: ConnectRouter) => void)[] = [];

  constructor(options: MethodOptions, enabled: readonly string[] | undefined) {
    this.#options = options;
    this.#enabled = enabled && new Set(enabled);
    const replay = this.#replay;
    const router: ConnectRouter = {
      get handlers() {
        const connectRouter = createConnectRouter();
        for (const register of replay) register(connectRouter);
        return connectRouter.handlers;
      },
      service: (service, implementation, serviceOptions) => {
        this.#service(service, implementation, serviceOptions);
        return router;
      },
      rpc: (method, implementation, methodOptions) => {
        this.#rpc(method, implementation, methodOptions);
        return router;
      },
    };
    this.router = router;
  }

  isEnabled(service: DescService): boolean {
    return this.#enabled === undefined || this.#enabled.has(service.typeName);
  }

  #service<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>, options: ServiceOptions = {}) {
    if (!this.isEnabled(service)) return;
    for (const method of service.methods) {
      // The keys of an implementation are its service's local method names; what is there is checked.
      const handler: unknown = Reflect.get(implementation, method.localName);
      const isThere = typeof handler === "function";
      this.#add(method, isThere ? (handler.bind(implementation) as AnyHandler) : unimplemented(method), options);
    }
    this.services.push(service);
    this.#replay.push((router) => router.service(service, implementation, options));
  }

  #rpc<M extends DescMethod>(method: M, implementation: MethodImpl<M>, options: ServiceOptions = {}) {
    if (!this.isEnabled(method.parent)) return;
    this.#add(method, implementation as AnyHandler, options);
    this.#replay.push((router) => router.rpc(method, implementation, options));
  }

  #add(method: DescMethod, handler: AnyHandler, options: ServiceOptions) {
    const where = method.parent.typeName;
    if (options.interceptors?.length) throw new Error(`${where}: the option "interceptors" is not supported yet`);
    const resolved = resolveMethodOptions(this.#options, options, where);
    const route = new Route(method, handler, resolved, options.shutdownSignal);
    this.routes.set(route.path, route);
  }
}

function unimplemented(method: DescMethod): AnyHandler {
  return () => {
    throw new ConnectError(`${method.parent.typeName}.${method.name} is not implemented`, Code.Unimplemented);
  };
}
