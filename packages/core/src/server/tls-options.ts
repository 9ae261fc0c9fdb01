// The options of TLS: their types, and the checks that need no file.
import {
  assertArray,
  assertBoolean,
  assertInteger,
  assertKnownKeys,
  assertOneOf,
  assertString,
  assertStrings,
  isPlainObject,
  type Keys,
  shown,
} from "@connectum/hooks";
import type { PemOrPath } from "./pem.ts";

/** Rust replaces the keys of tickets after half of it, and the library's own limit is twelve hours. */
export const MAX_SESSION_SECONDS = 43_200;

/** A name of a host, or all names below one. */
const HOST_NAME = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

/** An address, which nobody asks for by SNI. One of IPv6 has colons, which no name has. */
const IP_V4 = /^\d+(\.\d+){3}$/;

/** One of several certificates of a server. */
export interface TLSCertificate {
  /** The server's certificate, then those that lead to its root. */
  cert: PemOrPath;
  /** The key of the first certificate: PKCS#1, PKCS#8 or SEC1, or PKCS#8 with `passphrase`. */
  key: PemOrPath;
  /** What opens an encrypted `key`. Default: it is not encrypted. */
  passphrase?: string | undefined;
  /**
   * The names that clients ask for (SNI, RFC 6066) to get this certificate; `*.example.com` is every name one label
   * longer. It must have them. Default: all names of the certificate.
   */
  names?: readonly string[] | undefined;
}

/** A version of TLS. */
export type TLSVersion = "TLSv1.2" | "TLSv1.3";

/**
 * TLS of a server. `cert` and `key` win over `certPath` and `keyPath`, which win over `dirPath`. Both options of a pair
 * are needed. Without any of them the directory is that of `getTLSPath()`, or the first of `certificates` is the
 * default.
 */
export interface TLSOptions {
  /** The server's certificate, then those that lead to its root. Default: `certPath`. */
  cert?: PemOrPath | undefined;
  /** The key of the first certificate: PKCS#1, PKCS#8 or SEC1, or PKCS#8 with `passphrase`. Default: `keyPath`. */
  key?: PemOrPath | undefined;
  /** What opens an encrypted key, of whatever option it comes from. Default: that of `http2Options`. */
  passphrase?: string | undefined;
  /** A file with the certificate. Default: `server.crt` of `dirPath`. */
  certPath?: string | undefined;
  /** A file with the key. Default: `server.key` of `dirPath`. */
  keyPath?: string | undefined;
  /** A directory with `server.crt` and `server.key`. Default: that of `getTLSPath()`. */
  dirPath?: string | undefined;
  /**
   * More certificates, for clients that ask for their names (SNI). Of several with one name a client gets the first
   * that it can verify, so that RSA and ECDSA can stand side by side. A client that asks for another name, or for none,
   * gets the default: that of the options above, or the first of these. Default: none.
   */
  certificates?: readonly TLSCertificate[] | undefined;
  /** Certificates of the authorities that issue the certificates of clients, in one text or several. Default: none. */
  ca?: PemOrPath | readonly PemOrPath[] | undefined;
  /**
   * Whether clients present a certificate. `none` does not ask for one; `request` asks, and rejects one that `ca` has
   * not issued; `require` also rejects clients without one. Default: `require` with `ca`, else `none`.
   */
  clientAuth?: "none" | "request" | "require" | undefined;
  /**
   * Lists of certificates of clients that are revoked (CRL, RFC 5280), in PEM, in one text or several. As in Node a
   * client is refused whose issuer has no list, or one that is not current; of several lists of an issuer the newest
   * counts. Needs `ca`. An empty list is none. Default: those of `http2Options`.
   */
  crl?: PemOrPath | readonly PemOrPath[] | undefined;
  /** The oldest version. Default: that of `http2Options`, else `TLSv1.2`. */
  minVersion?: TLSVersion | undefined;
  /** The newest version. Default: that of `http2Options`, else `TLSv1.3`. */
  maxVersion?: TLSVersion | undefined;
  /**
   * Cipher suites by OpenSSL's names, with colons in between, the preferred first: some of the nine that there are. A
   * version without one is not served. The log names those that do not exist here. Default: those of `http2Options`,
   * else all, AES-256 before AES-128 before ChaCha20.
   */
  ciphers?: string | undefined;
  /** Whether clients can resume sessions, by tickets. Default true. */
  sessionTickets?: boolean | undefined;
  /** How long a session can be resumed, in seconds, from 1 to 43,200. Default: that of `http2Options`, else 300. */
  sessionTimeout?: number | undefined;
  /**
   * So many days before a certificate expires the log begins to warn, once a day: one that is shown, one of its chain,
   * or one of `ca`. 0 for not before it has expired. Default 14, but no more than a third of the certificate's life.
   */
  expiryWarning?: number | undefined;
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
  passphrase: true,
  certificates: true,
  crl: true,
  minVersion: true,
  maxVersion: true,
  ciphers: true,
  sessionTickets: true,
  sessionTimeout: true,
  expiryWarning: true,
  watch: true,
} as const satisfies Keys<TLSOptions>;

const CERTIFICATE_KEYS = {
  cert: true,
  key: true,
  passphrase: true,
  names: true,
} as const satisfies Keys<TLSCertificate>;

/** What node:tls, and those who guess, call otherwise. */
const OTHER_NAMES = {
  sni: "certificates",
  crlPath: "crl",
  cipherSuites: "ciphers",
  tickets: "sessionTickets",
  password: "passphrase",
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

/**
 * Checks what the options are, not what is in the files. Nothing is known yet of those that a function will return.
 *
 * @throws TypeError or RangeError unless it is an object with known keys and possible values, or absent. `null` and
 * `false` count as absent
 */
export function assertTlsSource(name: string, tls: unknown): void {
  if (tls === null || tls === false || typeof tls === "function") return;
  assertKnownKeys(tls, TLS_OPTION_KEYS, { where: "createServer", option: name, otherNames: OTHER_NAMES });
  if (tls === undefined) return;
  const { watch, passphrase, ciphers, sessionTickets, sessionTimeout, expiryWarning, clientAuth } = tls as TLSOptions;
  if (clientAuth !== undefined) {
    assertOneOf("createServer", `${name}.clientAuth`, clientAuth, ["none", "request", "require"]);
  }
  assertBoolean("createServer", `${name}.watch`, watch);
  assertPassphrase(`${name}.passphrase`, passphrase);
  assertString("createServer", `${name}.ciphers`, ciphers);
  assertBoolean("createServer", `${name}.sessionTickets`, sessionTickets);
  if (sessionTimeout !== undefined) {
    assertInteger("createServer", `${name}.sessionTimeout`, sessionTimeout, 1, MAX_SESSION_SECONDS);
  }
  if (expiryWarning !== undefined) assertInteger("createServer", `${name}.expiryWarning`, expiryWarning, 0, 3_650);
  assertCertificates(`${name}.certificates`, (tls as TLSOptions).certificates);
}

function assertCertificates(name: string, certificates: unknown): void {
  assertArray("createServer", name, certificates);
  if (certificates === undefined) return;
  const all = [...(certificates as readonly unknown[]).entries()];
  if (all.length === 0) throw new RangeError(`createServer: ${name} must have at least one entry, or be left out`);
  for (const [index, certificate] of all) {
    const option = `${name}[${index}]`;
    if (certificate === undefined) throw new TypeError(`createServer: ${option} must be an object, not undefined`);
    assertKnownKeys(certificate, CERTIFICATE_KEYS, { where: "createServer", option });
    const { cert, key, passphrase, names } = certificate as TLSCertificate;
    for (const [part, value] of Object.entries({ cert, key })) {
      if (value === undefined) throw new TypeError(`createServer: ${option}.${part} is missing`);
    }
    assertPassphrase(`${option}.passphrase`, passphrase);
    assertStrings("createServer", `${option}.names`, names);
    const wrong = names?.find((one) => !HOST_NAME.test(one));
    if (wrong !== undefined) {
      const right = "names of hosts, perhaps with *. in front";
      throw new RangeError(`createServer: ${option}.names must be ${right}, not ${shown(wrong)}`);
    }
    if (names !== undefined && names.length > 0 && names.every((one) => IP_V4.test(one))) {
      const right = "clients ask for the name of a host, never for an address (RFC 6066)";
      throw new RangeError(`createServer: ${option}.names has only addresses: ${right}`);
    }
  }
}

/**
 * The options, called for if they are a function.
 *
 * @throws TypeError if the function returns no options, or its options are invalid; whatever the function throws
 */
export async function calledTls(name: string, tls: TLSSource): Promise<TLSOptions> {
  if (typeof tls !== "function") return tls;
  const options: unknown = await settled(name, tls);
  if (!isPlainObject(options)) {
    throw new TypeError(`createServer: ${name}() must return options of TLS, not ${shown(options)}`);
  }
  assertTlsSource(name, options);
  return options;
}

/** The longest that a function may take, in milliseconds: another reload waits for it. */
const MAX_CALL_MS = 30_000;

/** @throws Error if the promise of the function does not settle in time; whatever it rejects with */
async function settled(name: string, tls: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `createServer: ${name}() must return options of TLS within ${MAX_CALL_MS / 1_000} s, and has not`;
    timer = setTimeout(() => reject(new Error(text)), MAX_CALL_MS);
  });
  try {
    return await Promise.race([tls(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws TypeError unless it is a string, or absent. The error does not show it. */
export function assertPassphrase(option: string, passphrase: unknown): void {
  if (passphrase === undefined || typeof passphrase === "string") return;
  throw new TypeError(`createServer: ${option} must be a string, not a ${typeof passphrase}`);
}
