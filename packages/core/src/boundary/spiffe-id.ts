// The SPIFFE ID of a certificate, by the specifications "SPIFFE-ID" and "X509-SVID".
import type { NativeCertificate } from "./native.ts";

/** The most bytes of a SPIFFE ID (SPIFFE ID specification, section 2.3). */
const MAX_SPIFFE_ID_BYTES = 2048;
/**
 * Trust domain, and a path without empty and dot segments (sections 2.1 and 2.2). Without a path it is that of an
 * authority (X.509-SVID, section 2).
 */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;

/** X.509-SVID, sections 2 and 4: exactly one URI, and the certificate of a workload signs no others. */
export function spiffeIdOf({ uri, signsOthers }: Pick<NativeCertificate, "uri" | "signsOthers">): string | undefined {
  const [id] = uri;
  if (id === undefined || uri.length > 1 || signsOthers) return undefined;
  return id.length <= MAX_SPIFFE_ID_BYTES && SPIFFE_ID.test(id) ? id : undefined;
}
