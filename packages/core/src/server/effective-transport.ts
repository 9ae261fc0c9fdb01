// The protocols that a server speaks on its port, by its options.

/** The protocols of a port. */
export const EffectiveTransport = {
  /** In the clear: HTTP/1.1 only. */
  PLAINTEXT_H1: "plaintext-h1",
  /** In the clear: HTTP/1.1, and HTTP/2 by prior knowledge. The default. */
  PLAINTEXT_H1_H2C: "plaintext-h1-h2c",
  /** In the clear: HTTP/2 by prior knowledge only. */
  H2C: "h2c",
  /** TLS: the client chooses HTTP/2 or HTTP/1.1 by ALPN. */
  TLS_H1_NEGOTIABLE: "tls-h1-negotiable",
  /** TLS: HTTP/2 only. */
  TLS_H2_ONLY: "tls-h2-only",
} as const;
export type EffectiveTransport = (typeof EffectiveTransport)[keyof typeof EffectiveTransport];

/** What the transport depends on. */
interface TransportOptions {
  hasTls: boolean;
  allowHTTP1?: boolean | undefined;
  allowH2C?: boolean | undefined;
}

/**
 * The protocols of a server with these options. With TLS there is no cleartext, so `allowH2C` has no effect.
 *
 * @param options.allowHTTP1 default true
 * @param options.allowH2C default true
 * @throws TypeError when nothing would be served: neither TLS, nor HTTP/1.1, nor HTTP/2 in the clear
 */
export function resolveEffectiveTransport(options: TransportOptions): EffectiveTransport {
  return effectiveTransport("", options);
}

/**
 * The same for one of several listeners.
 *
 * @param prefix what stands before the names of its options in errors
 */
export function effectiveTransport(
  prefix: string,
  { hasTls, allowHTTP1 = true, allowH2C = true }: TransportOptions,
): EffectiveTransport {
  if (hasTls) return allowHTTP1 ? EffectiveTransport.TLS_H1_NEGOTIABLE : EffectiveTransport.TLS_H2_ONLY;
  if (allowHTTP1) return allowH2C ? EffectiveTransport.PLAINTEXT_H1_H2C : EffectiveTransport.PLAINTEXT_H1;
  if (allowH2C) return EffectiveTransport.H2C;
  const names = `${prefix}allowHTTP1 and ${prefix}allowH2C`;
  throw new TypeError(`createServer: without TLS, one of ${names} must be true, or nothing is served`);
}
