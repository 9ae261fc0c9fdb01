// createCatalogClient(): calls by name for a process that is no server.
import { assertFunction, assertKnownKeys, assertObject, type Keys } from "@connectum/hooks";
import type { CatalogClient } from "./call-types.ts";
import { assertCatalog, type ServiceCatalog } from "./catalog.ts";
import { type CallTexts, OutgoingCalls } from "./outgoing-calls.ts";
import type { RemoteResolver } from "./resolvers.ts";
import { TransportCache } from "./transport-cache.ts";

/** Options of {@link createCatalogClient}. */
export interface CreateCatalogClientOptions {
  /** The services that can be called. */
  catalog: ServiceCatalog;
  /** Finds the transport to a service. */
  resolver: RemoteResolver;
}

const OPTION_KEYS = { catalog: true, resolver: true } as const satisfies Keys<CreateCatalogClientOptions>;

const TEXTS: CallTexts = {
  key: ["catalogClient.call", "catalogClient.stream"],
  route: ["catalogClient.call", "catalogClient.stream"],
  kind: ["catalogClient.call", "catalogClient.stream"],
  instead: ["client.call", "client.stream"],
  resolver: "resolver",
};

/**
 * Calls of a catalog's services by name, as handlers make them with `ctx.call` and `ctx.stream`, for scripts and jobs.
 * There is no context to inherit from: options are taken as they are.
 *
 * ```ts
 * const { call } = createCatalogClient({ catalog, resolver: dnsResolver({ template: "http://{name}:5000" }) });
 * const order = await call("orders.v1.OrdersService/GetOrder", { id: "1" });
 * ```
 *
 * @throws TypeError for invalid options
 */
export function createCatalogClient(options: CreateCatalogClientOptions): CatalogClient {
  assertObject("createCatalogClient", "the options", options);
  assertKnownKeys(options, OPTION_KEYS, { where: "createCatalogClient" });
  const { catalog, resolver } = options;
  assertCatalog("createCatalogClient", catalog);
  assertFunction("createCatalogClient", "resolver", resolver);
  if (catalog === undefined) throw new TypeError("createCatalogClient: catalog is missing");
  if (resolver === undefined) throw new TypeError("createCatalogClient: resolver is missing");
  const transports = new TransportCache(resolver);
  const find = (typeName: string, endpoint: string | undefined) => transports.find(typeName, endpoint);
  return new OutgoingCalls({ catalog, texts: TEXTS, find, propagateHeaders: [] }).client(undefined);
}
