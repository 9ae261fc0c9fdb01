// Who has sent a plain HTTP request, for its handler.
import { shown } from "@connectum/hooks";
import type { Peer } from "../options/peer.ts";
import type { NodeRequest } from "../services/protocol.ts";

/** The key under which a request has its exchange. Its own property: Express gives requests another prototype. */
export const EXCHANGE = Symbol("connectum.exchange");

/**
 * Who has sent the request that an `httpHandler` got. A function of `fetch` has it in its second argument.
 *
 * @throws TypeError for anything else
 */
export function peerOf(request: NodeRequest): Peer {
  const exchange: unknown =
    typeof request === "object" && request !== null ? Reflect.get(request, EXCHANGE) : undefined;
  if (hasPeer(exchange)) return exchange.peer;
  throw new TypeError(`peerOf: the argument must be the request of an httpHandler, not ${shown(request)}`);
}

function hasPeer(value: unknown): value is { readonly peer: Peer } {
  return typeof value === "object" && value !== null && "peer" in value;
}
