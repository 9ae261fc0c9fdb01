// The only import of the addon. What passes through it is described in docs/boundary.md.

export type {
  NativeAddress,
  NativeFailure,
  NativeHealthOptions,
  NativeJsonOptions,
  NativeMethod,
  NativePem,
  NativeServerOptions,
  NativeTlsOptions,
} from "@connectum/native";
export { NativeSchema, NativeServer } from "@connectum/native";

/** Kinds of events in the flat list that `NativeServer.take` gives. */
export const EventKind = { CALL: 0, READABLE: 1, WRITABLE: 2, ABORTED: 3, REFUSED: 4, REQUEST: 5 } as const;

/** Reads the flags of a new call. */
export const isJson = (flags: number): boolean => (flags & 1) !== 0;
export const isGet = (flags: number): boolean => (flags & 8) !== 0;
export const protocolName = (flags: number): string => protocolNames[(flags >> 1) & 3] ?? "connect";

const protocolNames = ["connect", "grpc", "grpc-web"];
