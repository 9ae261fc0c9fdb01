// Services as values: a descriptor with its handlers, for createServer({ services: [...] }).
import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { ConnectRouter, ServiceImpl } from "@connectrpc/connect";
import { factoryCallOf, shown } from "@connectum/hooks";
import type { Context } from "../catalog/call-types.ts";
import { isServiceDescriptor } from "../catalog/service-descriptor.ts";
import type { ServiceDefinitionOptions, ServiceOptions } from "../options/method-options.ts";

/** The handler of one method. */
export type ConnectumMethodImpl<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: Context) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: Context) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodClientStreaming<infer I, infer O>
        ? (requests: AsyncIterable<MessageShape<I>>, context: Context) => Promise<MessageInitShape<O>>
        : M extends DescMethodBiDiStreaming<infer I, infer O>
          ? (requests: AsyncIterable<MessageShape<I>>, context: Context) => AsyncIterable<MessageInitShape<O>>
          : never;

/** The handlers of a service, by local method name: `sayHello` for `rpc SayHello`. */
export type ConnectumServiceImpl<Desc extends DescService> = {
  [P in keyof Desc["method"]]: ConnectumMethodImpl<Desc["method"][P]>;
};

/** The context that a server may pass to a definition when it mounts it. */
interface RegisterContext {
  readonly wrapHandlers: <S extends DescService>(
    descriptor: S,
    handlers: ConnectumServiceImpl<S>,
  ) => Partial<ServiceImpl<S>>;
}

/** A service with its handlers. */
export interface ServiceDefinition {
  readonly descriptor: DescService;
  /** Registers the service: on a server of core, which calls it once, or on any other `ConnectRouter`. */
  readonly register: (router: ConnectRouter, context?: RegisterContext) => void;
}

/**
 * A service with its handlers: an object of functions, or an instance of a class. A method without a handler fails with
 * `unimplemented`.
 */
export function defineService<S extends DescService>(
  descriptor: S,
  handlers: ConnectumServiceImpl<S>,
  options?: ServiceDefinitionOptions,
): ServiceDefinition {
  return defineLazyService(descriptor, () => handlers, options);
}

/** The same, with handlers that `factory` makes when the service is mounted: once, and only if it is. */
export function defineLazyService<S extends DescService>(
  descriptor: S,
  factory: () => ConnectumServiceImpl<S>,
  options?: ServiceDefinitionOptions,
): ServiceDefinition {
  return {
    descriptor,
    register(router, { wrapHandlers } = asTheyAre) {
      // Our router takes names of compressions too, which connect's type of a router does not say.
      router.service(descriptor, wrapHandlers(descriptor, factory()), options as ServiceOptions);
    },
  };
}

/** A router accepts objects and class instances alike. */
const asTheyAre: RegisterContext = {
  // Handlers of the context of a server; the router of another adapter has no calls by name to give them.
  wrapHandlers: <S extends DescService>(_: S, handlers: unknown) => handlers as Partial<ServiceImpl<S>>,
};

/** @throws TypeError for an element that is not a service */
export function assertServices(services: readonly unknown[]): void {
  for (const [index, service] of services.entries()) {
    const call = factoryCallOf(service);
    if (call !== undefined) {
      throw new TypeError(`createServer: services[${index}] is no service. Did you mean protocols: [${call}]?`);
    }
    if (typeof service === "function" || isDefinition(service)) continue;
    if (isServiceDescriptor(service)) {
      const complaint = `is the descriptor of ${service.typeName}, which has no handlers`;
      throw new TypeError(
        `createServer: services[${index}] ${complaint}. Use defineService(${service.name}, handlers)`,
      );
    }
    const right = "a function of a ConnectRouter or a result of defineService()";
    throw new TypeError(`createServer: services[${index}] must be ${right}, not ${shown(service)}`);
  }
}

/** Whether a value has what {@link ServiceDefinition} says. */
export function isDefinition(service: unknown): service is ServiceDefinition {
  if (typeof service !== "object" || service === null) return false;
  const isRegistered = "register" in service && typeof service.register === "function";
  return (
    isRegistered && "descriptor" in service && typeof service.descriptor === "object" && service.descriptor !== null
  );
}
