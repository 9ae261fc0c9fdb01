// The peer of one call or request that came over a connection.
import { inspect } from "node:util";
import type { Peer } from "../options/peer.ts";
import type { Connection } from "./connection.ts";
import type { NativeCalls } from "./native.ts";

/** The facts of a request that its peer needs. */
export interface PeerHead {
  readonly httpVersion: string;
  /** Name and value of each request header in turn. */
  readonly rawHeaders: readonly string[];
}

/**
 * The peer of a call. Of the head nothing is kept: it may be in memory that other calls have a part in.
 *
 * @param native reads the headers of proxies that are trusted
 */
export function inboundPeer(native: Pick<NativeCalls, "clientOf">, connection: Connection, head: PeerHead): Peer {
  const { httpVersion } = head;
  const client = connection.isTrustedProxy ? clientOf(native, connection, head) : undefined;
  return new InboundPeer(connection, httpVersion, client) as unknown as Peer;
}

class InboundPeer {
  readonly #connection: Connection;
  readonly #httpVersion: string;
  readonly #client: string | undefined;

  constructor(connection: Connection, httpVersion: string, client: string | undefined) {
    this.#connection = connection;
    this.#httpVersion = httpVersion;
    this.#client = client;
  }

  get transport(): "tcp" | "unix" {
    return this.#connection.ends.path === null ? "tcp" : "unix";
  }

  get address() {
    return this.#ofTcp?.address;
  }

  get port() {
    return this.#ofTcp?.port;
  }

  get localAddress() {
    return this.#ofTcp?.localAddress;
  }

  get localPort() {
    return this.#ofTcp?.localPort;
  }

  get path() {
    return this.#connection.ends.path ?? undefined;
  }

  get credentials() {
    return this.#connection.credentials;
  }

  get httpVersion() {
    return this.#httpVersion;
  }

  get tls() {
    return this.#connection.tls;
  }

  get proxy() {
    return this.#connection.proxy;
  }

  get client() {
    return this.#client;
  }

  /** For logs: what there is. */
  toJSON() {
    const { transport, address, port, localAddress, localPort, path, credentials } = this;
    const { httpVersion, tls, client, proxy } = this;
    const all = {
      transport,
      address,
      port,
      localAddress,
      localPort,
      path,
      credentials,
      proxy,
      httpVersion,
      tls,
      client,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  [inspect.custom]() {
    return this.toJSON();
  }

  get #ofTcp() {
    const { ends } = this.#connection;
    return ends.path === null ? ends : undefined;
  }
}

function clientOf(
  native: Pick<NativeCalls, "clientOf">,
  { ends }: Connection,
  { rawHeaders }: PeerHead,
): string | undefined {
  const address = ends.path === null ? ends.address : null;
  const client = native.clientOf(address, valuesOf(rawHeaders, "forwarded"), valuesOf(rawHeaders, "x-forwarded-for"));
  return client ?? undefined;
}

function valuesOf(rawHeaders: readonly string[], wanted: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at] === wanted) values.push(rawHeaders[at + 1] as string);
  return values;
}
