// The codes of errors, by the names that attributes have.

export const ConnectErrorCode = {
  CANCELED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type ConnectErrorCode = (typeof ConnectErrorCode)[keyof typeof ConnectErrorCode];

/** The name of each code: `{ 1: "CANCELED", …, 16: "UNAUTHENTICATED" }`. */
export const ConnectErrorCodeName: Record<number, string> = Object.fromEntries(
  Object.entries(ConnectErrorCode).map(([name, code]) => [code, name]),
);

/** Codes by which a server says that the fault is its own. Others are its answers to faults of clients. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([
  ConnectErrorCode.UNKNOWN,
  ConnectErrorCode.DEADLINE_EXCEEDED,
  ConnectErrorCode.UNIMPLEMENTED,
  ConnectErrorCode.INTERNAL,
  ConnectErrorCode.UNAVAILABLE,
  ConnectErrorCode.DATA_LOSS,
]);

/** Whether a server's span that ends with this code is an error, by the conventions for gRPC. */
export function isServerFault(code: number): boolean {
  return SERVER_FAULTS.has(code);
}
