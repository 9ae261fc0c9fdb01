// The options of createServer() for calls to other services, and their checks.
import type { Interceptor } from "@connectrpc/connect";
import { assertFunction, assertInterceptors, assertStrings, type Keys, shown } from "@connectum/hooks";
import { assertCatalog, type ServiceCatalog } from "../catalog/catalog.ts";
import type { RemoteResolver } from "../catalog/resolvers.ts";
import type { Logger } from "../options/logger.ts";

/** Options for the calls that handlers make. */
export interface OutgoingCallOptions {
  /** The services that handlers can call by name, with `ctx.call` and `ctx.stream`. Default: none. */
  catalog?: ServiceCatalog | undefined;
  /** Finds the transport to a service that is not mounted here. Default: there is no other. */
  remoteResolver?: RemoteResolver | undefined;
  /**
   * Around every call that `ctx.call`, `ctx.stream` and `client()` make, in process and to other servers; the first is
   * outermost. Default: none.
   */
  outgoingInterceptors?: readonly Interceptor[] | undefined;
  /**
   * Names of request headers that `ctx.call` and `ctx.stream` pass on from the call that they are made in;
   * `defaultPropagateHeaders` are those of a trace. Default: none.
   */
  propagateHeaders?: readonly string[] | undefined;
}

/** What clients of a server need of its options. */
export type CatalogOptions = OutgoingCallOptions & { readonly logger?: Logger | undefined };

export const OUTGOING_CALL_KEYS = {
  catalog: true,
  remoteResolver: true,
  outgoingInterceptors: true,
  propagateHeaders: true,
} as const satisfies Keys<OutgoingCallOptions>;

/** A name of a header (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/**
 * Checks the options of the calls that handlers make. Keys that are none of these are not looked at.
 *
 * @param where the function that takes the options, for errors
 * @throws TypeError for an invalid option
 */
export function checkCatalogOptions(options: OutgoingCallOptions, where = "createServer"): void {
  const { catalog, remoteResolver, outgoingInterceptors, propagateHeaders } = options;
  assertCatalog(where, catalog);
  assertFunction(where, "remoteResolver", remoteResolver);
  assertInterceptors(where, "outgoingInterceptors", outgoingInterceptors);
  assertStrings(where, "propagateHeaders", propagateHeaders);
  for (const name of propagateHeaders ?? []) {
    if (TOKEN.test(name)) continue;
    throw new TypeError(`${where}: propagateHeaders has ${shown(name)}, which is no name of a header`);
  }
}
