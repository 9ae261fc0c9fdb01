// How a peer is set up for a case: its only argument.

/**
 * `http1` is HTTP/1.1 in the clear; all others are HTTP/2. `passing` and `spreading` are kinds of interceptors. `health` has
 * the health protocol beside the service.
 */
export type Variant = "plain" | "http1" | "tls" | "passing" | "spreading" | "health";

/** What this process was started with. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;
