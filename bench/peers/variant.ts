// The configuration of a peer for a case: the only argument of its program.
import type { Interceptor } from "@connectrpc/connect";
import type { InterceptorSet } from "./interceptors.ts";

/**
 * `http1` is HTTP/1.1 in plaintext; all others are HTTP/2. `health` adds the health protocol. The name of a set adds
 * its interceptors.
 */
export type Variant = (typeof WITHOUT_INTERCEPTORS)[number] | InterceptorSet;

const WITHOUT_INTERCEPTORS = ["plain", "http1", "tls", "health"] as const;

/** The variant of this process. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;

/** The interceptors of the variant. Loaded only if there are some: a server's start is measured, too. */
export async function interceptorsOfVariant(): Promise<Interceptor[]> {
  if (WITHOUT_INTERCEPTORS.some((name) => name === variant)) return [];
  const { interceptorsOf } = await import("./interceptors.ts");
  return interceptorsOf(variant);
}
