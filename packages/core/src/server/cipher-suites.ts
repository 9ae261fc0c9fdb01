// The cipher suites by OpenSSL's names. src/server/cipher_suites.rs has the same nine.
import { shown } from "@connectum/hooks";

/** Those of TLS 1.3. */
const SUITES_OF_TLS13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];

/** Those of TLS 1.2. */
const SUITES_OF_TLS12 = [
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/**
 * The suites that a list names, in its order.
 *
 * @param list names with colons in between, as node:tls has them
 * @param versions those that are enabled
 * @param warn takes a text about names that mean nothing here
 * @throws RangeError if no suite is left for these versions
 */
export function cipherSuites(
  option: string,
  list: string,
  versions: { readonly tls12: boolean; readonly tls13: boolean },
  warn: (text: string) => void,
): string[] {
  const names = [...new Set(list.split(/[:, ]/).filter((name) => name !== ""))];
  const known = [...SUITES_OF_TLS13, ...SUITES_OF_TLS12];
  const unknown = names.filter((name) => !known.includes(name));
  const usable = [...(versions.tls13 ? SUITES_OF_TLS13 : []), ...(versions.tls12 ? SUITES_OF_TLS12 : [])];
  const suites = names.filter((name) => usable.includes(name));
  if (suites.length === 0) {
    throw new RangeError(`createServer: ${option} must have one of ${usable.join(", ")}, not only ${shown(list)}`);
  }
  if (unknown.length > 0) warn(`createServer: ${option}: no effect: ${unknown.join(", ")}`);
  return suites;
}
