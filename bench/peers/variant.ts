// How a peer is set up for a case: its only argument.
import type { InterceptorSet } from "./interceptors.ts";

/**
 * `http1` is HTTP/1.1 in the clear; all others are HTTP/2. `health` has the health protocol beside the service. A set
 * of interceptors: with those.
 */
export type Variant = "plain" | "http1" | "tls" | "health" | InterceptorSet;

/** What this process was started with. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;
