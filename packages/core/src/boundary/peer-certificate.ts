// A verified client certificate, as handlers see it.
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { PeerCertificate } from "../options/peer.ts";
import { type NativeCertificate, readCertificate } from "./native.ts";
import { spiffeIdOf } from "./spiffe-id.ts";

/** The certificate; undefined if it cannot be read, so that nobody takes it for one with other names. */
export function peerCertificate(der: Uint8Array): PeerCertificate | undefined {
  const facts = readCertificate(der);
  return facts === null ? undefined : new Certificate(facts, der);
}

/** All calls of a connection share it, so it hands out nothing that could be changed. */
class Certificate implements PeerCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAltNames: PeerCertificate["subjectAltNames"];
  readonly spiffeId: string | undefined;
  readonly serialNumber: string;
  readonly #facts: NativeCertificate;
  readonly #der: Uint8Array;
  #fingerprint256: string | undefined;

  constructor(facts: NativeCertificate, der: Uint8Array) {
    const { subject, issuer, serialNumber, dns, uri, ip, email } = facts;
    for (const names of [dns, uri, ip, email]) Object.freeze(names);
    this.subject = subject;
    this.issuer = issuer;
    this.subjectAltNames = Object.freeze({ dns, uri, ip, email });
    this.spiffeId = spiffeIdOf(facts);
    this.serialNumber = serialNumber;
    this.#facts = facts;
    this.#der = der;
    Object.freeze(this);
  }

  get fingerprint256(): string {
    this.#fingerprint256 ??= fingerprintOf(this.#der);
    return this.#fingerprint256;
  }

  get validFrom(): Date {
    return new Date(this.#facts.validFrom);
  }

  get validTo(): Date {
    return new Date(this.#facts.validTo);
  }

  get raw(): Uint8Array {
    return this.#der.slice();
  }

  /** For logs, without the bytes. */
  toJSON() {
    const { subject, issuer, subjectAltNames, spiffeId, serialNumber, fingerprint256, validFrom, validTo } = this;
    return { subject, issuer, subjectAltNames, spiffeId, serialNumber, fingerprint256, validFrom, validTo };
  }

  [inspect.custom]() {
    return this.toJSON();
  }
}

function fingerprintOf(der: Uint8Array): string {
  const digest = createHash("sha256").update(der).digest("hex").toUpperCase();
  return (digest.match(/../g) ?? []).join(":");
}
