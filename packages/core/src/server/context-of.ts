// contextOf(): the context of a handler that no server calls, as in a test.
import type { HandlerContext } from "@connectrpc/connect";
import { assertKnownKeys, type Keys } from "@connectum/hooks";
import type { Context } from "../catalog/call-types.ts";
import { CONTEXT_TEXTS, OutgoingCalls } from "../catalog/outgoing-calls.ts";
import { TransportCache } from "../catalog/transport-cache.ts";
import { type Peer, UNKNOWN } from "../options/peer.ts";
import { checkCatalogOptions, OUTGOING_CALL_KEYS, type OutgoingCallOptions } from "./catalog-options.ts";

/** Options of {@link contextOf}: those of `createServer()` for the calls of handlers, and who has called. */
export interface ContextOfOptions extends OutgoingCallOptions {
  /** Who has made the call. Default: nobody knows. */
  readonly peer?: Peer | undefined;
}

const KEYS = { ...OUTGOING_CALL_KEYS, peer: true } as const satisfies Keys<ContextOfOptions>;

/**
 * The context of a server's handler, from one of connect's: `ctx.call` and `ctx.stream` work as they do on a server
 * with these options that has no services of its own. They inherit signal, deadline, headers and values of the result.
 *
 * @returns a plain object with all properties of `context`
 * @throws TypeError for an invalid option
 */
export function contextOf<C extends HandlerContext>(context: C, options: ContextOfOptions = {}): C & Context {
  assertKnownKeys(options, KEYS, { where: "contextOf" });
  checkCatalogOptions(options, "contextOf");
  const { catalog, remoteResolver, outgoingInterceptors = [], propagateHeaders = [], peer = UNKNOWN } = options;
  const transports = new TransportCache(remoteResolver, [...outgoingInterceptors]);
  const find = (typeName: string, endpoint: string | undefined) => transports.find(typeName, endpoint);
  const outgoing = new OutgoingCalls({ catalog, propagateHeaders, texts: CONTEXT_TEXTS, find });
  const whole = { ...context, peer };
  return Object.assign(whole, outgoing.client(whole));
}
