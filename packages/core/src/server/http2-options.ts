// The options of node:http2 that have a meaning here, for programs that were written for a server of Node's.
import type { Logger } from "../options/logger.ts";
import { assertBoolean, assertObject } from "../options/option-checks.ts";

/**
 * Options of `node:http2`'s servers, as far as they mean something here: those named below. Every other one, `key`,
 * `cert` and `allowHTTP1` among them, is ignored, which the log is told. In the clear all are ignored.
 */
export interface Http2Options {
  /** Milliseconds that a TLS handshake may take; wins over `createServer`'s. */
  handshakeTimeout?: number | undefined;
  /** Authorities of clients' certificates, in PEM. Use `tls.ca` instead. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Whether clients are asked for a certificate. Use `tls.clientAuth` instead. */
  requestCert?: boolean | undefined;
  /** With `requestCert`: whether clients without a trusted certificate are refused. Default true. */
  rejectUnauthorized?: boolean | undefined;
  /** The oldest version of TLS. Default `TLSv1.2`, which is also the oldest there is. */
  minVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3" | undefined;
  /** The newest version of TLS. Default `TLSv1.3`. */
  maxVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  [option: string]: unknown;
}

const KNOWN = ["handshakeTimeout", "ca", "requestCert", "rejectUnauthorized", "minVersion", "maxVersion"];

/**
 * Tells the log of options that have no effect.
 *
 * @throws TypeError unless it is an object, and for switches that are neither true nor false
 */
export function checkHttp2Options(options: Http2Options | undefined, logger: Logger): void {
  if (options === undefined) return;
  assertObject("createServer", "http2Options", options);
  for (const name of ["requestCert", "rejectUnauthorized"] as const) {
    assertBoolean("createServer", `http2Options.${name}`, options[name]);
  }
  const ignored = Object.keys(options).filter((name) => !KNOWN.includes(name) && options[name] !== undefined);
  if (ignored.length > 0) logger.warn(`createServer: http2Options: no effect: ${ignored.join(", ")}`);
}
