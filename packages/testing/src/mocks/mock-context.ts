// The context of a handler under test.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type Interceptor } from "@connectrpc/connect";
import { type Context, defineCatalog, type Peer, type ServiceCatalog } from "@connectum/core";
import { checkCatalogOptions, contextOf } from "@connectum/core/context";
import { assertKnownKeys, assertMethods, assertObject, type Keys, MAX_TIMER_MS, shown } from "@connectum/hooks";
import { CallEnd } from "./call-end.ts";
import { mockResolver } from "./mock-resolver.ts";
import type { MockService } from "./mock-service.ts";

export interface CreateMockContextOptions {
  /** The services that the handler can call by name. Default: those of `mocks`. */
  readonly catalog?: ServiceCatalog | undefined;
  /** The services that its calls reach. Default: none. */
  readonly mocks?: readonly MockService[] | undefined;
  /** Around every call that the handler makes; the first is outermost. Default: none. */
  readonly outgoingInterceptors?: readonly Interceptor[] | undefined;
  /** What `Headers` takes. Default: none. */
  readonly requestHeader?: ConstructorParameters<typeof Headers>[0] | undefined;
  /** The time that the call has, in milliseconds; 0 and less have expired. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Names of request headers that the handler's calls inherit. Default: none. */
  readonly propagateHeaders?: readonly string[] | undefined;
  /** The method whose handler is tested. Default: the first of the first service of the catalog. */
  readonly method?: DescMethod | undefined;
  /** Default: empty. */
  readonly values?: ContextValues | undefined;
  /** Aborts the call, with its reason. Default: only `abort()` and `timeoutMs` do. */
  readonly signal?: AbortSignal | undefined;
  /** Who has called. Default: nobody knows. */
  readonly peer?: Peer | undefined;
}

/** A context whose call the test can abort. */
export interface MockContext extends Context {
  /** Aborts `signal`. @param reason default: a ConnectError `canceled` */
  abort(reason?: unknown): void;
}

const KEYS = {
  catalog: true,
  mocks: true,
  outgoingInterceptors: true,
  requestHeader: true,
  timeoutMs: true,
  propagateHeaders: true,
  method: true,
  values: true,
  signal: true,
  peer: true,
} as const satisfies Keys<CreateMockContextOptions>;

const WHERE = "createMockContext";

/**
 * A context to call a handler with, without a server. Its calls by name go through the same code as a server's, to the
 * mocks; one to a service without a mock fails with `unavailable`. Nothing has to be closed.
 *
 * ```ts
 * const stock = mockService(Stock, { take: () => ({}) });
 * const context = createMockContext({ method: Orders.method.place, mocks: [stock] });
 * await orders.place(create(PlaceRequestSchema), context);
 * ```
 *
 * @throws Error without a `method` and a catalog with one, and for two mocks of one service; TypeError or RangeError
 *   for an invalid option
 */
export function createMockContext(options: CreateMockContextOptions = {}): MockContext {
  assertKnownKeys(options, KEYS, { where: WHERE });
  const { mocks = [], outgoingInterceptors, propagateHeaders, peer, timeoutMs, values, signal } = options;
  checkCatalogOptions({ catalog: options.catalog, outgoingInterceptors, propagateHeaders }, WHERE);
  checkTimeout(timeoutMs);
  assertMethods(WHERE, "values", values, ["get", "set", "delete"]);
  assertObject(WHERE, "peer", peer);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${WHERE}: signal must be an AbortSignal, not ${shown(signal)}`);
  }
  const remoteResolver = mockResolver(mocks);
  const catalog = options.catalog ?? catalogOf(mocks);
  const method = options.method === undefined ? firstMethod(catalog) : options.method;
  checkMethod(method);
  const end = new CallEnd(timeoutMs, signal);
  const { parent: service } = method;
  const context = {
    service,
    method,
    signal: end.signal,
    timeoutMs: () => end.timeoutMs(),
    requestMethod: "POST",
    requestHeader: headersOf(options.requestHeader),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    protocolName: "connect",
    url: `https://mock/${service.typeName}/${method.name}`,
    values: values ?? createContextValues(),
    abort: (reason?: unknown) => end.abort(reason),
  };
  return contextOf(context, { catalog, remoteResolver, outgoingInterceptors, propagateHeaders, peer });
}

function catalogOf(mocks: readonly MockService[]): ServiceCatalog {
  return defineCatalog(Object.fromEntries(mocks.map(({ service }) => [service.typeName, service])));
}

function firstMethod(catalog: ServiceCatalog): DescMethod {
  const [service] = Object.values<DescService | undefined>(catalog);
  if (service === undefined) throw new Error(`${WHERE}: catalog must contain at least one service.`);
  const [method] = service.methods ?? [];
  if (method === undefined) throw new Error(`${WHERE}: service "${service.typeName}" has no methods.`);
  return method;
}

function headersOf(given: CreateMockContextOptions["requestHeader"]): Headers {
  try {
    return new Headers(given);
  } catch (error) {
    const right = "requestHeader must be what Headers takes";
    throw new TypeError(`${WHERE}: ${right}, not ${shown(given)}`, { cause: error });
  }
}

function checkMethod(method: DescMethod): void {
  if (method?.kind !== "rpc") {
    const right = "the descriptor of a method, for example Greeter.method.greet";
    throw new TypeError(`${WHERE}: method must be ${right}, not ${shown(method)}`);
  }
  if (method.parent === undefined) throw new TypeError(`${WHERE}: the method ${method.name} has no service`);
}

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === "number" && timeoutMs <= MAX_TIMER_MS) return;
  const message = `${WHERE}: timeoutMs must be a number of milliseconds up to ${MAX_TIMER_MS}, not ${shown(timeoutMs)}`;
  throw typeof timeoutMs === "number" ? new RangeError(message) : new TypeError(message);
}
