// `connectum.peer`: who has made a call, for interceptors that do not import the server.

/**
 * The `id` of the context key whose value is the peer of a call: `peerKey` of `@connectum/core`, whose servers have it
 * among the context values of each call.
 */
export const PEER = Symbol.for("connectum.peer");

/** What is common to the peers of all kinds of transport; `Peer` of `@connectum/core` has more. */
export interface CallPeer {
  readonly transport: "tcp" | "unix" | "in-process" | "unknown";
  /** The IP address of the client, over TCP. */
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** `1.0`, `1.1` or `2.0`. Undefined in process. */
  readonly httpVersion?: string | undefined;
}

/** A request of an interceptor, as far as it is needed. */
interface WithValues {
  readonly contextValues?: { get(key: { id: symbol; defaultValue: undefined }): unknown } | undefined;
}

/** Who has made the call of a request; undefined for requests of clients and of other servers. */
export function callPeerOf(request: WithValues): CallPeer | undefined {
  // Mock requests of tests have no values.
  const peer = request.contextValues?.get(KEY);
  return typeof peer === "object" && peer !== null && "transport" in peer ? (peer as CallPeer) : undefined;
}

const KEY = { id: PEER, defaultValue: undefined };
