// @ts-check
// Certificates as a public authority would issue them: each lives for 90 days and says where its revocation list is.
// Those of __test__/certificates live for a hundred years, and have no list.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure } from "../../scripts/run.mjs";

/** @typedef {"ECDSA P-256" | "RSA 2,048"} Kind of a key */

/** @type {Readonly<Record<Kind, string[]>>} */
const algorithms = {
  "ECDSA P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "RSA 2,048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
};

const extensions = `basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://localhost/ca.crl
`;

/**
 * Makes an authority in a folder, and returns the path of its certificate.
 * @param {string} folder
 */
export async function makeAuthority(folder) {
  const [cert, key] = [join(folder, "ca.crt"), join(folder, "ca.key")];
  await openssl("genpkey", ...algorithms["ECDSA P-256"], "-out", key);
  const usage = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
  const added = usage.flatMap((extension) => ["-addext", extension]);
  await openssl("req", "-x509", "-key", key, "-subj", "/CN=Authority", "-days", "365", ...added, "-out", cert);
  return cert;
}

/**
 * Makes the certificate of a server in the folder of the authority, and returns the paths of it and its key.
 * @param {string} folder
 * @param {Kind} kind
 */
export async function makeCertificate(folder, kind) {
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  const [request, file] = [join(folder, "server.csr"), join(folder, "server.ext")];
  writeFileSync(file, extensions);
  await openssl("genpkey", ...algorithms[kind], "-out", key);
  await openssl("req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", request);
  const authority = ["-CA", join(folder, "ca.crt"), "-CAkey", join(folder, "ca.key")];
  await openssl("x509", "-req", "-in", request, ...authority, "-days", "90", "-extfile", file, "-out", cert);
  return { cert, key };
}

/** @param {string[]} args */
async function openssl(...args) {
  const { code, stderr } = await capture("openssl", args);
  if (code !== 0) throw new Failure(`"openssl ${args.join(" ")}" failed: ${stderr.trim()}`);
}
