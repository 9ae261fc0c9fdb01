// How a peer is set up for a case: its only argument.

/** `http1` is HTTP/1.1 in the clear; all others are HTTP/2. `passing` and `spreading` are kinds of interceptors. */
export type Variant = "plain" | "http1" | "tls" | "passing" | "spreading";

/** What this process was started with. */
export const variant: Variant = (process.argv[2] ?? "plain") as Variant;
