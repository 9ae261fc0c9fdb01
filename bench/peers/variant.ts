// The configuration of a peer for a case: the only argument of its program.
import type { Interceptor } from "@connectrpc/connect";
import type { InterceptorSet } from "./interceptors.ts";

/**
 * `http1` is HTTP/1.1 in plaintext; all others are HTTP/2. `tls` has a certificate with an ECDSA key (P-256), `tls-rsa`
 * one with an RSA key (2,048 bits). `health` adds the health protocol, `telemetry` the interceptor of @connectum/otel,
 * `telemetry-by-hand` what it costs at least. The name of a set adds its interceptors.
 */
export type Variant = (typeof WITHOUT_INTERCEPTORS)[number] | "telemetry" | "telemetry-by-hand" | InterceptorSet;

const WITHOUT_INTERCEPTORS = ["plain", "http1", "tls", "tls-rsa", "health"] as const;

/** The variant of this process. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;

/** The files of certificate and key, both in PEM, if the variant is one of TLS. */
export const identity = identityOf();

function identityOf(): { readonly certPath: string; readonly keyPath: string } | undefined {
  const names: Partial<Record<Variant, string>> = { tls: "server", "tls-rsa": "rsa" };
  const name = names[variant];
  if (name === undefined) return undefined;
  return { certPath: `__test__/certificates/${name}.crt`, keyPath: `__test__/certificates/${name}.key` };
}

/** The interceptors of the variant. Loaded only if there are some: a server's start is measured, too. */
export async function interceptorsOfVariant(): Promise<Interceptor[]> {
  if (WITHOUT_INTERCEPTORS.some((name) => name === variant)) return [];
  if (variant === "telemetry") return (await import("./telemetry.ts")).telemetry();
  if (variant === "telemetry-by-hand") return (await import("./telemetry.ts")).telemetryByHand();
  const { interceptorsOf } = await import("./interceptors.ts");
  return interceptorsOf(variant);
}
