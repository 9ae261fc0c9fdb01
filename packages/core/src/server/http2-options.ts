// The options of node:http2 that have a meaning here, for programs that were written for a server of Node's.
import type { SecureServerOptions } from "node:http2";
import { assertBoolean, assertObject } from "@connectum/hooks";
import type { Logger } from "../options/logger.ts";

/**
 * Options of a `node:http2` server. Only those named here have an effect; the log names the others, `key`, `cert` and
 * `allowHTTP1` among them. An option of `createServer()` for the same takes precedence, except over `handshakeTimeout`.
 */
export interface Http2Options extends Omit<SecureServerOptions, "ca"> {
  /** Limit of a TLS handshake in milliseconds; takes precedence over `createServer`'s `handshakeTimeout`. */
  handshakeTimeout?: SecureServerOptions["handshakeTimeout"];
  /** Authorities of client certificates, in PEM. Prefer `tls.ca`. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
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

const KNOWN = [
  "handshakeTimeout",
  "ca",
  "requestCert",
  "rejectUnauthorized",
  "minVersion",
  "maxVersion",
  "settings",
  "unknownProtocolTimeout",
];
const KNOWN_SETTINGS = [
  "maxConcurrentStreams",
  "initialWindowSize",
  "maxFrameSize",
  "maxHeaderListSize",
  "headerTableSize",
];

/**
 * Warns of options that have no effect.
 *
 * @throws TypeError unless it is an object, and for switches that are neither true nor false
 */
export function checkHttp2Options(options: Http2Options | undefined, logger: Logger): void {
  if (options === undefined) return;
  assertObject("createServer", "http2Options", options);
  for (const name of ["requestCert", "rejectUnauthorized"] as const) {
    assertBoolean("createServer", `http2Options.${name}`, options[name]);
  }
  if (options.settings !== undefined) assertObject("createServer", "http2Options.settings", options.settings);
  const ignored = [
    ...unknown(options, KNOWN),
    ...unknown(options.settings ?? {}, KNOWN_SETTINGS).map((name) => `settings.${name}`),
  ];
  if (ignored.length > 0) logger.warn(`createServer: http2Options: no effect: ${ignored.join(", ")}`);
}

/** The names of properties that are set and not `known`. */
function unknown(options: object, known: readonly string[]): string[] {
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  return set.map(([name]) => name).filter((name) => !known.includes(name));
}
