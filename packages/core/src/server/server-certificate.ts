// A certificate of a server, as programs see it.

/** A certificate that a listener shows to its clients. */
export interface ServerCertificate {
  /** The position of the listener in the option `listeners`; 0 if there is only one. */
  readonly listener: number;
  /** The subject, as in `CN=localhost, O=Example`. */
  readonly subject: string;
  /** The issuer, in the same form. */
  readonly issuer: string;
  /** The serial number in hexadecimal digits, as `node:tls` has it. */
  readonly serialNumber: string;
  /** The alternative names of the subject: DNS names, addresses, URIs, and addresses of mail. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}
