// The options of TLS for Rust, from those of `tls` and of `http2Options`.
import { assertInteger, assertOneOf, assertString, MAX_TIMER_MS } from "@connectum/hooks";
import { type NativeTlsOptions, TLS_1_2, TLS_1_3 } from "../boundary/native.ts";
import { cipherSuites } from "./cipher-suites.ts";
import { clientCertificates, ineffectiveAboutClients } from "./client-certificates.ts";
import type { Http2Options } from "./http2-options.ts";
import { readIdentities } from "./tls-identity.ts";
import { assertPassphrase, MAX_SESSION_SECONDS, type TLSOptions, type TLSSource } from "./tls-options.ts";

/** The options beside `tls` that its meaning depends on. */
export interface BesideTls {
  /** In milliseconds; that of `http2Options` wins. */
  readonly handshakeTimeout: number | undefined;
  readonly http2Options: Http2Options | undefined;
  /** Takes warnings for the log. */
  readonly warn: (text: string) => void;
}

/** Handshakes take this long at most, in milliseconds. */
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;

/** Sessions can be resumed for so long, in seconds, as in Node. */
const DEFAULT_SESSION_SECONDS = 300;

/**
 * The options of TLS for Rust; null for cleartext. Reads files synchronously.
 *
 * @param name the name of the option in errors
 * @throws TypeError or RangeError for an invalid option; whatever `readTLSCertificates` throws
 */
export function tlsOptions(name: string, tls: TLSSource | undefined, beside: BesideTls): NativeTlsOptions | null {
  if (!tls) return null;
  // A function was called before.
  if (typeof tls === "function") throw new TypeError(`createServer: ${name} must be an object, not a function`);
  const { handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT_MS, http2Options = {}, warn } = beside;
  const { sessionTimeout = http2Options.sessionTimeout ?? DEFAULT_SESSION_SECONDS } = tls;
  const versions = tlsVersions(http2Options, name, tls);
  return {
    identities: readIdentities(name, tls, tls.passphrase ?? http2Options.passphrase),
    ...clientCertificates(name, tls, http2Options),
    ...versions,
    ciphers: ciphersOf(name, tls, http2Options, versions, warn),
    sessionTimeout: tls.sessionTickets === false ? 0 : sessionTimeout,
    handshakeTimeout: http2Options.handshakeTimeout ?? handshakeTimeout,
    watch: tls.watch ?? true,
  };
}

/** @throws TypeError or RangeError unless it is a time that a timer can measure, or absent */
export function assertHandshakeTimeout(option: string, timeout: unknown): void {
  if (timeout !== undefined) assertInteger("createServer", option, timeout, 1, MAX_TIMER_MS);
}

/**
 * Checks the options of node:http2 that are about TLS, as far as that needs no file.
 *
 * @throws TypeError or RangeError
 */
export function checkTlsOfNode(http2Options: Http2Options): void {
  tlsVersions(http2Options);
  assertHandshakeTimeout("http2Options.handshakeTimeout", http2Options.handshakeTimeout);
  assertString("createServer", "http2Options.ciphers", http2Options.ciphers);
  assertPassphrase("http2Options.passphrase", http2Options.passphrase);
  const { sessionTimeout } = http2Options;
  if (sessionTimeout === undefined) return;
  assertInteger("createServer", "http2Options.sessionTimeout", sessionTimeout, 1, MAX_SESSION_SECONDS);
}

/** The keys of `http2Options` that have no effect beside these options. */
export function ineffectiveBeside(tls: TLSSource | undefined, http2Options: Http2Options): (keyof Http2Options)[] {
  if (!tls) return ["handshakeTimeout", ...ABOUT_CLIENTS, ...REPLACEABLE];
  // What a function returns is not known yet.
  if (typeof tls === "function") return [];
  return [
    ...ineffectiveAboutClients(tls, http2Options),
    ...REPLACEABLE.filter((key) => tls[key] !== undefined),
    ...(tls.sessionTickets === false && tls.sessionTimeout === undefined ? (["sessionTimeout"] as const) : []),
  ];
}

const ABOUT_CLIENTS = ["ca", "crl", "requestCert", "rejectUnauthorized"] as const;

/** Those that `tls` has too. */
const REPLACEABLE = ["minVersion", "maxVersion", "ciphers", "passphrase", "sessionTimeout"] as const;

/** The versions, as `TLS_1_2` and `TLS_1_3`. */
interface Versions {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/**
 * The oldest and the newest version.
 *
 * @throws TypeError or RangeError for versions that do not exist, and for the wrong order
 */
function tlsVersions(http2Options: Http2Options, name = "tls", tls: TLSOptions = {}): Versions {
  const [min, minName] = versionOf("minVersion", http2Options, name, tls);
  const [max, maxName] = versionOf("maxVersion", http2Options, name, tls);
  const [minVersion, maxVersion] = [min === "TLSv1.3" ? TLS_1_3 : TLS_1_2, max === "TLSv1.2" ? TLS_1_2 : TLS_1_3];
  if (minVersion > maxVersion) throw new RangeError(`createServer: ${minName} must not be above ${maxName}`);
  return { minVersion, maxVersion };
}

/** TLS 1.0 and 1.1 are deprecated (RFC 8996): a server of Node's that allows them speaks the versions above here. */
const OLDER = ["TLSv1", "TLSv1.1"];

/** A version, if it is given, and the option that gives it. */
function versionOf(
  key: "minVersion" | "maxVersion",
  http2Options: Http2Options,
  name: string,
  tls: TLSOptions,
): [version: unknown, option: string] {
  const isOwn = tls[key] !== undefined;
  const option = isOwn ? `${name}.${key}` : `http2Options.${key}`;
  const version = isOwn ? tls[key] : http2Options[key];
  const older = key === "minVersion" && !isOwn ? OLDER : [];
  if (version !== undefined) assertOneOf("createServer", option, version, [...older, "TLSv1.2", "TLSv1.3"]);
  return [version, option];
}

function ciphersOf(
  name: string,
  tls: TLSOptions,
  http2Options: Http2Options,
  { minVersion, maxVersion }: Versions,
  warn: (text: string) => void,
): string[] | null {
  const ciphers = tls.ciphers ?? http2Options.ciphers;
  if (ciphers === undefined) return null;
  const option = tls.ciphers === undefined ? "http2Options.ciphers" : `${name}.ciphers`;
  return cipherSuites(option, ciphers, { tls12: minVersion === TLS_1_2, tls13: maxVersion === TLS_1_3 }, warn);
}
