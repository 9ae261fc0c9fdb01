// Certificates of clients: whether they are asked for, which are trusted, and which are revoked.
import { createRequire } from "node:module";
import process from "node:process";
import type { NativePem, NativeTlsOptions } from "../boundary/native.ts";
import type { Http2Options } from "./http2-options.ts";
import { readPems } from "./pem.ts";
import type { TLSOptions } from "./tls-options.ts";

/** Whether `http2Options` decide about clients' certificates, as they do without `ca` and `clientAuth` of `tls`. */
function isAskedByNode(tls: TLSOptions, { requestCert }: Http2Options): boolean {
  return tls.clientAuth === undefined && tls.ca === undefined && requestCert === true;
}

/** The keys of `http2Options` about clients' certificates that have no effect beside these options. */
export function ineffectiveAboutClients(tls: TLSOptions, http2Options: Http2Options): (keyof Http2Options)[] {
  const crl: (keyof Http2Options)[] = tls.crl === undefined ? [] : ["crl"];
  if (isAskedByNode(tls, http2Options)) return http2Options.rejectUnauthorized === false ? ["ca", "crl"] : crl;
  const clientAuth = tls.clientAuth ?? (tls.ca === undefined ? "none" : "require");
  if (clientAuth === "none") return ["ca", "crl", "requestCert", "rejectUnauthorized"];
  return [...(tls.ca === undefined ? [] : (["ca"] as const)), ...crl, "requestCert", "rejectUnauthorized"];
}

/** Whether clients show certificates, and which are trusted and revoked. */
export type ClientCertificates = Pick<NativeTlsOptions, "ca" | "crls" | "requestClientCert" | "requireClientCert">;

/**
 * @param name the name of `tls` in errors
 * @throws TypeError, RangeError or Error naming an option that is invalid or missing; the error of the file system
 */
export function clientCertificates(name: string, tls: TLSOptions, http2Options: Http2Options): ClientCertificates {
  if ("ca" in tls && tls.ca === undefined && tls.clientAuth === undefined) {
    const right = `Leave ${name}.ca out, or set ${name}.clientAuth to "none", if clients need no certificate`;
    throw new Error(`createServer: ${name}.ca is undefined (an unset variable?). ${right}`);
  }
  const ca = tls.ca === undefined ? undefined : readPems(`${name}.ca`, tls.ca);
  if (isAskedByNode(tls, http2Options)) return clientCertificatesOfNode(name, tls, http2Options);
  const clientAuth = tls.clientAuth ?? (ca === undefined ? "none" : "require");
  if (clientAuth === "none") {
    if (tls.crl === undefined || tls.clientAuth !== undefined) return NONE;
    throw withoutAuthorities(name);
  }
  const authorities = ca ?? authoritiesOfNode(http2Options);
  if (authorities === undefined) {
    throw new Error(
      `createServer: ${name}.ca is missing: ${name}.clientAuth is "${clientAuth}", which needs certificates to trust`,
    );
  }
  const crls = revocationLists(name, tls, http2Options);
  return { ca: authorities, crls, requestClientCert: true, requireClientCert: clientAuth === "require" };
}

const NONE: ClientCertificates = { ca: null, crls: [], requestClientCert: false, requireClientCert: false };

function withoutAuthorities(name: string): Error {
  return new Error(`createServer: ${name}.crl is about certificates of clients: ${name}.ca is missing`);
}

function revocationLists(name: string, tls: TLSOptions, http2Options: Http2Options): NativePem[] {
  if (Array.isArray(tls.crl) && tls.crl.length === 0) return [];
  if (tls.crl !== undefined) return readPems(`${name}.crl`, tls.crl);
  return http2Options.crl === undefined ? [] : readPems("http2Options.crl", http2Options.crl);
}

/** As in node:tls: `rejectUnauthorized` is true by default; false accepts any certificate. */
function clientCertificatesOfNode(name: string, tls: TLSOptions, options: Http2Options): ClientCertificates {
  if (options.rejectUnauthorized === false) {
    if (tls.crl !== undefined) throw withoutAuthorities(name);
    return { ...NONE, requestClientCert: true };
  }
  const ca = authoritiesOfNode(options) ?? authoritiesOfMozilla();
  const crls = revocationLists(name, tls, options);
  return { ca, crls, requestClientCert: true, requireClientCert: true };
}

function authoritiesOfNode({ ca }: Http2Options): NativePem[] | undefined {
  return ca === undefined ? undefined : readPems("http2Options.ca", ca);
}

/** Those that Node trusts by default. Its module is loaded only for this, as much of Node comes with it. */
function authoritiesOfMozilla(): NativePem[] {
  const tls = process.getBuiltinModule?.("node:tls") ?? createRequire(import.meta.url)("node:tls");
  const { rootCertificates } = tls as typeof import("node:tls");
  return [{ name: "node:tls rootCertificates", text: rootCertificates.join("\n"), path: null }];
}
