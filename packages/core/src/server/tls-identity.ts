// The certificates of a server and their keys: PEM text, files, a directory, or the environment. Rust checks what is in
// them.
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import process from "node:process";
import { assertString, shown } from "@connectum/hooks";
import type { NativeIdentity, NativePem } from "../boundary/native.ts";
import { readFile, readPem } from "./pem.ts";
import type { TLSOptions } from "./tls-options.ts";

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
 * All certificates; the first is the default.
 *
 * @param passphrase of a key without one of its own
 * @throws whatever `readTLSCertificates` throws
 */
export function readIdentities(name: string, options: TLSOptions, passphrase: string | undefined): NativeIdentity[] {
  const more = (options.certificates ?? []).map((certificate, index) => ({
    cert: readPem(`${name}.certificates[${index}].cert`, certificate.cert),
    key: readPem(`${name}.certificates[${index}].key`, certificate.key),
    passphrase: certificate.passphrase ?? passphrase ?? null,
    names: [...(certificate.names ?? [])],
  }));
  if (more.length > 0 && !SOURCES.some((source) => source in options)) return more;
  return [{ ...readIdentity(name, options), passphrase: passphrase ?? null, names: [] }, ...more];
}

/** The options that say where the default certificate comes from. */
const SOURCES = ["cert", "key", "certPath", "keyPath", "dirPath"] as const;

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
