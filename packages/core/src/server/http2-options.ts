// The options of node:http2 that have a meaning here, for programs that were written for a server of Node's.
import type { SecureServerOptions, Settings } from "node:http2";
import { assertBoolean, assertKnownKeys, type Keys, unknownKeys } from "@connectum/hooks";
import type { Logger } from "../options/logger.ts";

/**
 * Options of a `node:http2` server. Only those named here have an effect; a warning names the others, `key`, `cert`
 * and `allowHTTP1` among them. A key that no version of Node has is an error. An option of `createServer()` for the
 * same takes precedence, except over `handshakeTimeout`.
 */
export interface Http2Options extends Omit<SecureServerOptions, "ca" | "crl"> {
  /** Limit of a TLS handshake in milliseconds; takes precedence over `createServer`'s `handshakeTimeout`. */
  handshakeTimeout?: SecureServerOptions["handshakeTimeout"];
  /** Authorities of client certificates, in PEM. Prefer `tls.ca`. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Lists of revoked certificates of clients, in PEM. Prefer `tls.crl`. */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** OpenSSL's names of cipher suites. Prefer `tls.ciphers`, which says what has an effect. */
  ciphers?: SecureServerOptions["ciphers"];
  /** What opens the key of `tls`. Prefer `tls.passphrase`. */
  passphrase?: SecureServerOptions["passphrase"];
  /** How long a session can be resumed, in seconds, at most 43,200. Prefer `tls.sessionTimeout`. */
  sessionTimeout?: SecureServerOptions["sessionTimeout"];
  /** Whether clients are asked for a certificate. Prefer `tls.clientAuth`. */
  requestCert?: SecureServerOptions["requestCert"];
  /** With `requestCert`: whether clients without a trusted certificate are refused. Default true. */
  rejectUnauthorized?: SecureServerOptions["rejectUnauthorized"];
  /** The oldest TLS version. Default `TLSv1.2`, which an older one also means: TLS 1.0 and 1.1 are not supported. */
  minVersion?: SecureServerOptions["minVersion"];
  /**
   * SETTINGS of HTTP/2. Used are `maxConcurrentStreams`, `initialWindowSize`, `maxFrameSize`, `maxHeaderListSize` and
   * `headerTableSize`. Prefer `maxConcurrentStreams`, `streamWindowBytes`, `maxFrameBytes`, `maxHeaderBytes` and
   * `headerTableBytes`.
   */
  settings?: SecureServerOptions["settings"];
  /** Limit for the first bytes of a connection in milliseconds. Prefer `detectionTimeout`. */
  unknownProtocolTimeout?: SecureServerOptions["unknownProtocolTimeout"];
  /** The newest TLS version, `TLSv1.2` or `TLSv1.3`. Default `TLSv1.3`. */
  maxVersion?: SecureServerOptions["maxVersion"];
}

/** Those with an effect. */
const EFFECTIVE = {
  handshakeTimeout: true,
  ca: true,
  crl: true,
  ciphers: true,
  passphrase: true,
  sessionTimeout: true,
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: true,
  maxVersion: true,
  settings: true,
  unknownProtocolTimeout: true,
};

/** Those of `node:http2`, as its types have them in any version of Node from 18 to 26. */
const NODE_KEYS = {
  ...EFFECTIVE,
  ALPNCallback: true,
  ALPNProtocols: true,
  Http1IncomingMessage: true,
  Http1ServerResponse: true,
  Http2ServerRequest: true,
  Http2ServerResponse: true,
  SNICallback: true,
  allowHTTP1: true,
  allowHalfOpen: true,
  allowPartialTrustChain: true,
  blockList: true,
  cert: true,
  certificateCompression: true,
  clientCertEngine: true,
  dhparam: true,
  ecdhCurve: true,
  enableTrace: true,
  highWaterMark: true,
  honorCipherOrder: true,
  http1Options: true,
  keepAlive: true,
  keepAliveInitialDelay: true,
  key: true,
  maxDeflateDynamicTableSize: true,
  maxHeaderListPairs: true,
  maxOriginSetSize: true,
  maxOutstandingPings: true,
  maxSendHeaderBlockLength: true,
  maxSessionInvalidFrames: true,
  maxSessionMemory: true,
  maxSessionRejectedStreams: true,
  maxSettings: true,
  noDelay: true,
  origins: true,
  paddingStrategy: true,
  pauseOnConnect: true,
  peerMaxConcurrentStreams: true,
  pfx: true,
  privateKeyEngine: true,
  privateKeyIdentifier: true,
  pskCallback: true,
  pskIdentityHint: true,
  remoteCustomSettings: true,
  requestOCSP: true,
  secureContext: true,
  secureOptions: true,
  secureProtocol: true,
  sessionIdContext: true,
  sigalgs: true,
  streamResetBurst: true,
  streamResetRate: true,
  strictFieldWhitespaceValidation: true,
  strictSingleValueFields: true,
  ticketKeys: true,
} as const satisfies Keys<SecureServerOptions & Http2Options> & Readonly<Record<string, unknown>>;

/** SETTINGS with an effect. */
const EFFECTIVE_SETTINGS = {
  maxConcurrentStreams: true,
  initialWindowSize: true,
  maxFrameSize: true,
  maxHeaderListSize: true,
  headerTableSize: true,
};

/** Those of `node:http2`, in any version of Node from 18 to 26. */
const NODE_SETTINGS = {
  ...EFFECTIVE_SETTINGS,
  enablePush: true,
  enableConnectProtocol: true,
  customSettings: true,
  maxHeaderSize: true,
} as const satisfies Keys<Settings> & Readonly<Record<string, unknown>>;

/**
 * Warns of options of Node's that have no effect.
 *
 * @param ineffective those that have none beside the server's other options
 * @throws TypeError unless it is an object, for keys that Node does not have either, and for switches that are neither
 * true nor false
 */
export function checkHttp2Options(
  options: Http2Options | undefined,
  ineffective: readonly (keyof Http2Options)[],
  logger: Pick<Logger, "warn">,
): void {
  if (options === undefined) return;
  const where = "createServer";
  assertKnownKeys(options, NODE_KEYS, { where, option: "http2Options" });
  assertKnownKeys(options.settings, NODE_SETTINGS, { where, option: "http2Options.settings" });
  for (const name of ["requestCert", "rejectUnauthorized"] as const) {
    assertBoolean(where, `http2Options.${name}`, options[name]);
  }
  const ignored = [
    ...unknownKeys(options, EFFECTIVE),
    ...ineffective.filter((name) => options[name] !== undefined),
    ...unknownKeys(options.settings ?? {}, EFFECTIVE_SETTINGS).map((name) => `settings.${name}`),
  ];
  if (ignored.length > 0) logger.warn(`createServer: http2Options: no effect: ${ignored.join(", ")}`);
}
