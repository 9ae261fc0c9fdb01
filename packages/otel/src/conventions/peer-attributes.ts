// The attributes of a connection: the other end, the kind of socket, and the HTTP version.
import type { CallPeer } from "@connectum/hooks";
import * as names from "./names.ts";

/** The HTTP version: `1.1` or `2`. No name of version 1.2, and in both sets. */
const ATTR_NETWORK_PROTOCOL_VERSION = "network.protocol.version";

/** By both sets of names. Empty in process, and where nothing is known. The client of a Unix socket has no address. */
export function peerAttributes({ transport, address, port, httpVersion }: CallPeer): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  if (transport !== "tcp" && transport !== "unix") return attributes;
  // All spans have a transport, and it is TCP.
  if (transport === "unix") attributes[names.ATTR_NETWORK_TRANSPORT] = transport;
  if (address !== undefined) attributes[names.ATTR_NETWORK_PEER_ADDRESS] = address;
  if (port !== undefined) attributes[names.ATTR_NETWORK_PEER_PORT] = port;
  // The conventions write `2`.
  if (httpVersion !== undefined) {
    attributes[ATTR_NETWORK_PROTOCOL_VERSION] = httpVersion === "2.0" ? "2" : httpVersion;
  }
  return attributes;
}
