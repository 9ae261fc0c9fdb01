// Attributes that only the semantic conventions 1.45 have.

/** `grpc` or `connectrpc`. */
export const ATTR_RPC_SYSTEM_NAME = "rpc.system.name";
/** `OK`, `NOT_FOUND` for gRPC; `ok`, `not_found` for Connect. */
export const ATTR_RPC_STATUS_CODE = "rpc.status_code";

/** The advised boundaries of durations, in seconds. */
export const DURATION_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
