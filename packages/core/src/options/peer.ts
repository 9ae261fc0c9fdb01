// Who has made a call: the other end of its connection, as handlers and interceptors see it.
import type { ContextKey } from "@connectrpc/connect";
import { PEER } from "@connectum/hooks";

/**
 * Who has made a call or a request. `transport` says how it came, and every property is there for each of them:
 * undefined where there is no such thing.
 */
export type Peer = TcpPeer | UnixPeer | InProcessPeer | UnknownPeer;

/** What all have. */
interface AnyPeer {
  /** The HTTP version of the request: `1.0`, `1.1` or `2.0`. Undefined in process. */
  readonly httpVersion: string | undefined;
  /** What the TLS handshake of the connection has negotiated. Undefined in the clear. */
  readonly tls: PeerTls | undefined;
  /**
   * The IP address of the client, as proxies in `trustedProxies` tell it by `forwarded` (RFC 7239) or
   * `x-forwarded-for`. Undefined if none of them does, or if the two fields differ.
   */
  readonly client: string | undefined;
  /** The other end of the socket, if a PROXY header has told the client behind it. */
  readonly proxy: PeerAddress | undefined;
}

/** The other end of a TCP connection, or a client that a PROXY header tells. */
export interface TcpPeer extends AnyPeer {
  readonly transport: "tcp";
  /** Its IP address. An IPv4 address is one on listeners of IPv6 too: `192.0.2.9`, not `::ffff:192.0.2.9`. */
  readonly address: string;
  readonly port: number;
  /** The address that it has connected to. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly path?: undefined;
  readonly credentials?: undefined;
  readonly httpVersion: string;
}

/** The other end of a Unix socket, which has no address. */
export interface UnixPeer extends AnyPeer {
  readonly transport: "unix";
  /** The path of the listener. */
  readonly path: string;
  /** The process at the other end when it connected. Undefined where the operating system does not tell. */
  readonly credentials: PeerCredentials | undefined;
  readonly address?: undefined;
  readonly port?: undefined;
  readonly localAddress?: undefined;
  readonly localPort?: undefined;
  readonly httpVersion: string;
}

/** A client in the same process: `server.localClient()`, `createLocalTransport()`, or another handler. */
export interface InProcessPeer extends AnyPeer, NoAddress {
  readonly transport: "in-process";
}

/** Nobody has looked before the call was answered, or the values are not those of a server's call. */
export interface UnknownPeer extends AnyPeer, NoAddress {
  readonly transport: "unknown";
}

interface NoAddress {
  readonly address?: undefined;
  readonly port?: undefined;
  readonly localAddress?: undefined;
  readonly localPort?: undefined;
  readonly path?: undefined;
  readonly credentials?: undefined;
}

/** Where a connection comes from: an IP address and a port, or the path of a Unix socket. */
export type PeerAddress =
  | { readonly address: string; readonly port: number; readonly path?: undefined; readonly credentials?: undefined }
  | {
      readonly path: string;
      readonly credentials: PeerCredentials | undefined;
      readonly address?: undefined;
      readonly port?: undefined;
    };

/** A process, as the kernel knows it (`SO_PEERCRED` of unix(7)). */
export interface PeerCredentials {
  /** Undefined where the operating system does not tell it. */
  readonly pid: number | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** What a TLS handshake has negotiated. */
export interface PeerTls {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** The cipher suite by its name at IANA, for example `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The protocol of ALPN (RFC 7301): `h2` or `http/1.1`. Undefined if the client offered none. */
  readonly alpn: string | undefined;
  /** The host name that the client has asked for by SNI (RFC 6066). */
  readonly serverName: string | undefined;
  /**
   * The certificate with which the client has proven who it is. Undefined if it has shown none, and with
   * `rejectUnauthorized: false`: what nobody has verified proves nothing.
   */
  readonly certificate: PeerCertificate | undefined;
}

/** A verified client certificate (RFC 5280). */
export interface PeerCertificate {
  /** The distinguished name as RFC 4514 writes it: `CN=orders,O=Example`. Special characters are escaped. */
  readonly subject: string;
  /** The name of its issuer in the same form. */
  readonly issuer: string;
  /** The alternative names, by kind. */
  readonly subjectAltNames: {
    readonly dns: readonly string[];
    readonly uri: readonly string[];
    /** As {@link TcpPeer.address} has them. */
    readonly ip: readonly string[];
    readonly email: readonly string[];
  };
  /**
   * The SPIFFE ID, `spiffe://<trust domain>/<path>`: the only URI of a certificate that may not sign others. Undefined
   * if it is no X.509-SVID.
   */
  readonly spiffeId: string | undefined;
  /** Hexadecimal digits, upper case. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, as Node writes it: `1A:2B:…`. */
  readonly fingerprint256: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** The certificate in DER; a copy. */
  readonly raw: Uint8Array;
}

const NOTHING = { httpVersion: undefined, tls: undefined, client: undefined, proxy: undefined };

/** The peer of every call in process. */
export const IN_PROCESS: InProcessPeer = Object.freeze({ transport: "in-process", ...NOTHING });

/** The peer where nothing is known. */
export const UNKNOWN: UnknownPeer = Object.freeze({ transport: "unknown", ...NOTHING });

/**
 * The key of the peer among the context values of each call: `request.contextValues.get(peerKey)` in an interceptor.
 * Handlers have `context.peer`.
 */
export const peerKey: ContextKey<Peer> = {
  // The same in every copy of this package that a process has: to another key a caller would be unknown.
  id: PEER,
  defaultValue: UNKNOWN,
};
