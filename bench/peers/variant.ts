// The configuration of a peer for a case: the only argument of its program.
import type { InterceptorSet } from "./interceptors.ts";

/**
 * `http1` is HTTP/1.1 in plaintext; all others are HTTP/2. `health` adds the health protocol. The name of a set adds
 * its interceptors.
 */
export type Variant = "plain" | "http1" | "tls" | "health" | InterceptorSet;

/** The variant of this process. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;
