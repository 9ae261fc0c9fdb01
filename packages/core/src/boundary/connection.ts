// A connection, as JavaScript knows it: what all its calls have in common, fetched once when a handler asks.
import type { PeerAddress, PeerCertificate, PeerCredentials, PeerTls } from "../options/peer.ts";
import type { NativeEnds, NativePeer, NativePeerTls } from "./native.ts";
import { peerCertificate } from "./peer-certificate.ts";

export class Connection {
  readonly ends: NativeEnds;
  readonly credentials: PeerCredentials | undefined;
  readonly proxy: PeerAddress | undefined;
  readonly tls: PeerTls | undefined;
  /** Whether its word about its client counts. */
  readonly isTrustedProxy: boolean;

  constructor({ ends, proxy, tls, isTrustedProxy }: NativePeer) {
    this.ends = ends;
    this.isTrustedProxy = isTrustedProxy;
    this.credentials = credentialsOf(ends);
    this.proxy = proxy === null ? undefined : addressOf(proxy);
    this.tls = tls === null ? undefined : new ConnectionTls(tls);
  }
}

function credentialsOf({ pid, uid, gid }: NativeEnds): PeerCredentials | undefined {
  return uid === null || gid === null ? undefined : Object.freeze({ pid: pid ?? undefined, uid, gid });
}

function addressOf(ends: NativeEnds): PeerAddress {
  const { path, address, port } = ends;
  return Object.freeze(path === null ? { address, port } : { path, credentials: credentialsOf(ends) });
}

/** The certificate is read on first use. */
class ConnectionTls implements PeerTls {
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | undefined;
  readonly serverName: string | undefined;
  declare readonly certificate: PeerCertificate | undefined;

  constructor({ version, cipher, alpn, serverName, certificate }: NativePeerTls) {
    this.version = version;
    this.cipher = cipher;
    this.alpn = alpn ?? undefined;
    this.serverName = serverName ?? undefined;
    let read: PeerCertificate | undefined;
    // Its own, so that it is seen by whoever prints or spreads it. There is one for a connection.
    Object.defineProperty(this, "certificate", {
      enumerable: true,
      get: () => {
        if (certificate !== null) read ??= peerCertificate(certificate);
        return read;
      },
    });
    Object.freeze(this);
  }
}
