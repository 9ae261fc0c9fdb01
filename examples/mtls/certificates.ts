// Certificates for an hour, of an authority that exists as long as this process. In production SPIRE, cert-manager or a
// service mesh issues them.
import { Buffer } from "node:buffer";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR = 3_600_000;

/** A certificate, its key, and the authority that others are verified with; all in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Issues certificates. */
export interface Authority {
  /** @param names what the certificate says: the SPIFFE ID of a service, and the host name of a server */
  issue(names: { spiffeId: string; dns?: string }): Promise<Identity>;
}

export async function newAuthority(): Promise<Authority> {
  // Node 18 has it as no global.
  cryptoProvider.set(webcrypto);
  const keys = await newKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Example authority",
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const ca = authority.toString("pem");
  return {
    async issue({ spiffeId, dns }) {
      const { publicKey, privateKey } = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        issuer: authority.subject,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        publicKey,
        ...validity(),
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          // A service calls and is called with the same certificate.
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          new SubjectAlternativeNameExtension([
            { type: "url", value: spiffeId },
            ...(dns === undefined ? [] : [{ type: "dns", value: dns } as const]),
          ]),
        ],
      });
      const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", privateKey);
      return { cert: certificate.toString("pem"), key: PemConverter.encode(Buffer.from(pkcs8), "PRIVATE KEY"), ca };
    },
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function validity() {
  const now = Date.now();
  return { notBefore: new Date(now - HOUR), notAfter: new Date(now + HOUR) };
}
