// The sources of certificate and key: PEM text, files, a directory, or the environment. Rust checks the content.
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import {
  assertBoolean,
  assertInteger,
  assertKnownKeys,
  assertOneOf,
  assertString,
  isPlainObject,
  type Keys,
  MAX_TIMER_MS,
  shown,
} from "@connectum/hooks";
import { type NativePem, type NativeTlsOptions, TLS_1_2, TLS_1_3 } from "../boundary/native.ts";
import type { Http2Options } from "./http2-options.ts";
import { type PemOrPath, readFile, readPem } from "./pem.ts";

/**
 * TLS of a server. `cert` and `key` win over `certPath` and `keyPath`, which win over `dirPath`. Both options of a pair
 * are needed. Without any of them the directory is that of `getTLSPath()`.
 */
export interface TLSOptions {
  /** The server's certificate, then those that lead to its root. Default: `certPath`. */
  cert?: PemOrPath | undefined;
  /** The key of the first certificate: PKCS#1, PKCS#8 or SEC1, not encrypted. Default: `keyPath`. */
  key?: PemOrPath | undefined;
  /** A file with the certificate. Default: `server.crt` of `dirPath`. */
  certPath?: string | undefined;
  /** A file with the key. Default: `server.key` of `dirPath`. */
  keyPath?: string | undefined;
  /** A directory with `server.crt` and `server.key`. Default: that of `getTLSPath()`. */
  dirPath?: string | undefined;
  /** Certificates of the authorities that issue the certificates of clients, in one text or several. Default: none. */
  ca?: PemOrPath | readonly PemOrPath[] | undefined;
  /**
   * Whether clients present a certificate. `none` does not ask for one; `request` asks, and rejects one that `ca` has
   * not issued; `require` also rejects clients without one. Default: `require` with `ca`, else `none`.
   */
  clientAuth?: "none" | "request" | "require" | undefined;
  /**
   * Whether the files are watched: when they have changed, and then stay the same for 200 ms, new connections get the
   * new certificate. Files that cannot be used are reported, and the certificate in use stays. Default true.
   */
  watch?: boolean | undefined;
}

/**
 * Options of TLS, or a function that returns them: `start()` calls it, and each `reloadTLS()` without options.
 */
export type TLSSource = TLSOptions | (() => TLSOptions | Promise<TLSOptions>);

const TLS_OPTION_KEYS = {
  cert: true,
  key: true,
  certPath: true,
  keyPath: true,
  dirPath: true,
  ca: true,
  clientAuth: true,
  watch: true,
} as const satisfies Keys<TLSOptions>;

/** What node:tls, and those who guess, call otherwise. */
const OTHER_NAMES = {
  caPath: "ca",
  caCert: "ca",
  cacert: "ca",
  caFile: "ca",
  clientCA: "ca",
  requestCert: "clientAuth",
  rejectUnauthorized: "clientAuth",
  mutual: "clientAuth",
  reload: "watch",
  autoReload: "watch",
  certFile: "certPath",
  keyFile: "keyPath",
};

/** Handshakes take this long at most, in milliseconds. */
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * The directory with `server.key` and `server.crt`: the variable `TLS_DIR_PATH`; without it the working directory when
 * `NODE_ENV` is `production`, else `../../../keys` seen from it.
 */
export function getTLSPath(): string {
  const path = process.env["TLS_DIR_PATH"];
  if (path !== undefined) return path;
  return process.env["NODE_ENV"] === "production" ? process.cwd() : resolve(process.cwd(), "../../../keys");
}

/** `getTLSPath()` as it was at import. */
export const tlsPath: string = getTLSPath();

/**
 * Key and certificate, as `tls` of `createServer()` would be read. Reads files synchronously.
 *
 * @throws Error naming the option that is missing; the error of the file system, which names the file
 */
export function readTLSCertificates(options: TLSOptions = {}): { key: Buffer; cert: Buffer } {
  const { key, cert } = readIdentity("tls", options);
  return { key: Buffer.from(key.text), cert: Buffer.from(cert.text) };
}

/**
 * The options of TLS for Rust; null for cleartext.
 *
 * @param name the name of the option in errors
 * @param handshakeTimeout in milliseconds; that of `http2Options` wins
 * @throws TypeError or RangeError for an invalid option; whatever `readTLSCertificates` throws
 */
export function tlsOptions(
  name: string,
  tls: TLSSource | undefined,
  handshakeTimeout: number = DEFAULT_HANDSHAKE_TIMEOUT_MS,
  http2Options: Http2Options = {},
): NativeTlsOptions | null {
  if (!tls) return null;
  // A function was called before.
  if (typeof tls === "function") throw new TypeError(`createServer: ${name} must be an object, not a function`);
  const timeout = http2Options.handshakeTimeout ?? handshakeTimeout;
  return {
    ...readIdentity(name, tls),
    ...clientCertificates(name, tls, http2Options),
    ...tlsVersions(http2Options),
    handshakeTimeout: timeout,
    watch: tls.watch ?? true,
  };
}

/**
 * Checks what the options are, not what is in the files. Nothing is known yet of those that a function will return.
 *
 * @throws TypeError unless it is an object with known keys, or absent. `null` and `false` count as absent
 */
export function assertTlsSource(name: string, tls: unknown): void {
  if (tls === null || tls === false || typeof tls === "function") return;
  assertKnownKeys(tls, TLS_OPTION_KEYS, { where: "createServer", option: name, otherNames: OTHER_NAMES });
  assertBoolean("createServer", `${name}.watch`, (tls as TLSOptions | undefined)?.watch);
}

/**
 * The options, called for if they are a function.
 *
 * @throws TypeError if the function returns no options, or its options are invalid; whatever the function throws
 */
export async function calledTls(name: string, tls: TLSSource): Promise<TLSOptions> {
  if (typeof tls !== "function") return tls;
  const options: unknown = await tls();
  if (!isPlainObject(options)) {
    throw new TypeError(`createServer: ${name}() must return options of TLS, not ${shown(options)}`);
  }
  assertTlsSource(name, options);
  return options;
}

/** @throws TypeError or RangeError unless it is a time that a timer can measure, or absent */
export function assertHandshakeTimeout(option: string, timeout: unknown): void {
  if (timeout !== undefined) assertInteger("createServer", option, timeout, 1, MAX_TIMER_MS);
}

/**
 * The oldest and the newest version.
 *
 * @throws TypeError or RangeError for versions that do not exist, and for the wrong order
 */
export function tlsVersions(http2Options: Http2Options): { minVersion: number; maxVersion: number } {
  const minVersion = versionNumber("minVersion", http2Options.minVersion ?? "TLSv1.2");
  const maxVersion = versionNumber("maxVersion", http2Options.maxVersion ?? "TLSv1.3");
  if (minVersion > maxVersion) {
    throw new RangeError("createServer: http2Options.minVersion must not be above http2Options.maxVersion");
  }
  return { minVersion, maxVersion };
}

/** TLS 1.0 and 1.1 are deprecated (RFC 8996): a server that allows them speaks the versions above. */
function versionNumber(option: "minVersion" | "maxVersion", version: string): number {
  const versions = option === "minVersion" ? ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] : ["TLSv1.2", "TLSv1.3"];
  assertOneOf("createServer", `http2Options.${option}`, version, versions);
  return version === "TLSv1.3" ? TLS_1_3 : TLS_1_2;
}

function readIdentity(name: string, options: TLSOptions): { key: NativePem; cert: NativePem } {
  if ("cert" in options || "key" in options) {
    const { cert, key } = options;
    assertGiven(name, options, "cert", "key");
    assertGiven(name, options, "key", "cert");
    return { key: readPem(`${name}.key`, key), cert: readPem(`${name}.cert`, cert) };
  }
  const { certPath, keyPath, dirPath } = options;
  const paths = `${name}.certPath or ${name}.keyPath is not`;
  assertString("createServer", `${name}.certPath`, certPath);
  assertString("createServer", `${name}.keyPath`, keyPath);
  assertString("createServer", `${name}.dirPath`, dirPath);
  const hasPaths = Boolean(certPath) || Boolean(keyPath);
  // Both are undefined, perhaps because they come from unset variables: no other directory was meant.
  const areMeant = dirPath === undefined && ("certPath" in options || "keyPath" in options);
  if (hasPaths || areMeant) {
    assertGiven(name, options, "certPath", "keyPath");
    assertGiven(name, options, "keyPath", "certPath");
    return { key: readFile(options.keyPath, paths), cert: readFile(options.certPath, paths) };
  }
  return readDirectory(name, dirPath);
}

/** One of a pair of options is set. */
type Given<Name extends keyof TLSOptions> = TLSOptions & { [K in Name]: NonNullable<TLSOptions[K]> };

function assertGiven<Name extends keyof TLSOptions>(
  name: string,
  options: TLSOptions,
  option: Name,
  other: keyof TLSOptions,
): asserts options is Given<Name> {
  const value = options[option];
  if (value !== undefined && value !== null && value !== "") return;
  const both = options[other] ? `${name}.${other} is given, so` : `${name}.${other} is missing too;`;
  const complaint = option in options ? `is ${shown(value)} (an unset variable?)` : "is missing";
  throw new Error(
    `createServer: ${name}.${option} ${complaint}: ${both} both ${name}.${option} and ${name}.${other} are needed`,
  );
}

/**
 * The files of a directory: the one that was asked for, or the default.
 *
 * @throws Error with the `code` of the file system, and `cause`
 */
function readDirectory(name: string, dirPath: string | undefined): { key: NativePem; cert: NativePem } {
  const directory = dirPath ?? getTLSPath();
  try {
    const what = `${name}.certPath or ${name}.keyPath is not`;
    const [key, cert] = [resolve(directory, "server.key"), resolve(directory, "server.crt")];
    return { key: readFile(key, what), cert: readFile(cert, what) };
  } catch (cause) {
    if (dirPath !== undefined) throw cause;
    const isSet = process.env["TLS_DIR_PATH"] !== undefined;
    const origin = isSet ? "the directory of the variable TLS_DIR_PATH" : "the default, as TLS_DIR_PATH is not set";
    const text =
      `createServer: ${name} names no certificate, so server.crt and server.key were looked for in ${resolve(directory)} ` +
      `(${origin}): ${(cause as Error).message}. Set ${name}.certPath and ${name}.keyPath, ${name}.dirPath, or TLS_DIR_PATH`;
    throw Object.assign(new Error(text, { cause }), { code: (cause as NodeJS.ErrnoException).code });
  }
}

/** Whether `http2Options` decide about clients' certificates, as they do without `ca` and `clientAuth` of `tls`. */
export function isAskedByNode(tls: TLSOptions, { requestCert }: Http2Options): boolean {
  return tls.clientAuth === undefined && tls.ca === undefined && requestCert === true;
}

/** The keys of `http2Options` that have no effect beside these options. */
export function ineffectiveBeside(tls: unknown, http2Options: Http2Options): (keyof Http2Options)[] {
  if (!tls) return ["handshakeTimeout", "ca", "requestCert", "rejectUnauthorized", "minVersion", "maxVersion"];
  const options = tls as TLSOptions;
  if (isAskedByNode(options, http2Options)) return http2Options.rejectUnauthorized === false ? ["ca"] : [];
  const isTrusted = options.ca === undefined && (options.clientAuth ?? "none") !== "none";
  return isTrusted ? ["requestCert", "rejectUnauthorized"] : ["ca", "requestCert", "rejectUnauthorized"];
}

function clientCertificates(
  name: string,
  tls: TLSOptions,
  http2Options: Http2Options,
): Pick<NativeTlsOptions, "ca" | "requestClientCert" | "requireClientCert"> {
  if ("ca" in tls && tls.ca === undefined && tls.clientAuth === undefined) {
    const right = `Leave ${name}.ca out, or set ${name}.clientAuth to "none", if clients need no certificate`;
    throw new Error(`createServer: ${name}.ca is undefined (an unset variable?). ${right}`);
  }
  const ca = tls.ca === undefined ? undefined : readPems(`${name}.ca`, tls.ca);
  if (isAskedByNode(tls, http2Options)) return clientCertificatesOfNode(http2Options);
  const clientAuth = tls.clientAuth ?? (ca === undefined ? "none" : "require");
  assertOneOf("createServer", `${name}.clientAuth`, clientAuth, ["none", "request", "require"]);
  if (clientAuth === "none") return { ca: null, requestClientCert: false, requireClientCert: false };
  const authorities = ca ?? authoritiesOfNode(http2Options);
  if (authorities === undefined) {
    throw new Error(
      `createServer: ${name}.ca is missing: ${name}.clientAuth is "${clientAuth}", which needs certificates to trust`,
    );
  }
  return { ca: authorities, requestClientCert: true, requireClientCert: clientAuth === "require" };
}

/** As in node:tls: `rejectUnauthorized` is true by default; false accepts any certificate. */
function clientCertificatesOfNode(
  options: Http2Options,
): Pick<NativeTlsOptions, "ca" | "requestClientCert" | "requireClientCert"> {
  if (options.rejectUnauthorized === false) return { ca: null, requestClientCert: true, requireClientCert: false };
  const ca = authoritiesOfNode(options) ?? authoritiesOfMozilla();
  return { ca, requestClientCert: true, requireClientCert: true };
}

function authoritiesOfNode({ ca }: Http2Options): NativePem[] | undefined {
  return ca === undefined ? undefined : readPems("http2Options.ca", ca);
}

/** One source, or several. */
function readPems(name: string, value: unknown): NativePem[] {
  if (!Array.isArray(value)) return [readPem(name, value)];
  if (value.length === 0) throw new RangeError(`createServer: ${name} must have at least one entry, or be left out`);
  return [...value.entries()].map(([index, part]) => readPem(`${name}[${index}]`, part));
}

/** Those that Node trusts by default. Its module is loaded only for this, as much of Node comes with it. */
function authoritiesOfMozilla(): NativePem[] {
  const tls = process.getBuiltinModule?.("node:tls") ?? createRequire(import.meta.url)("node:tls");
  const { rootCertificates } = tls as typeof import("node:tls");
  return [{ name: "node:tls rootCertificates", text: rootCertificates.join("\n"), path: null }];
}
