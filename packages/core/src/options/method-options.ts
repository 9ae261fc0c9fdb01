// The options of single calls: limits, compression, deadlines and codecs. A server has them, and a service may have its
// own. Here they are checked, merged, and get their defaults.
import type { BinaryReadOptions, BinaryWriteOptions, JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import {
  assertArray,
  assertBoolean,
  assertInteger,
  assertInterceptors,
  assertKnownKeys,
  assertObject,
  type Keys,
  nearestName,
  shown,
  unknownKeys,
} from "@connectum/hooks";
import { safeLogger } from "./logger.ts";

/** ConnectRPC's options of a service: the last argument of `router.service()`. Absent ones are those of the server. */
export type ServiceOptions = NonNullable<Parameters<ConnectRouter["service"]>[2]>;

/**
 * One of connect's compressions: `compressionGzip` and `compressionBrotli` of `@connectrpc/connect-node`, for example.
 */
export type Compression = NonNullable<ServiceOptions["acceptCompression"]>[number];

/** {@link ServiceOptions} for `defineService()`, where compressions may be names. */
export interface ServiceDefinitionOptions extends Omit<ServiceOptions, "acceptCompression"> {
  /** Compressions of the service, in order of preference. Default: those of the server. */
  acceptCompression?: readonly (Compression | CompressionName)[];
}

/** The name of a compression, as `grpc-encoding` and `content-encoding` have it. */
export type CompressionName = "gzip" | "br" | "zstd";

/** Options of calls, for the whole server or for one service. */
export interface MethodOptions {
  /**
   * Largest request message, in bytes after decompression. Default 4 MiB; 0 means 4 GiB - 1, the format's own limit.
   */
  readMaxBytes?: number | undefined;
  /** Largest response message, in bytes before compression. Default 4 GiB - 1. */
  writeMaxBytes?: number | undefined;
  /** Smallest response message that is compressed, in bytes. Default 1024. */
  compressMinBytes?: number | undefined;
  /**
   * Compressions for requests and responses, in order of preference: names, or connect's objects, of which only the
   * names are used; Rust does the work. Default gzip, br, zstd; `[]` is none.
   */
  acceptCompression?: readonly (Compression | CompressionName)[] | undefined;
  /**
   * Longest timeout that a client may ask for, in milliseconds. Default: no limit. A longer one is `invalid_argument`.
   */
  maxTimeoutMs?: number | undefined;
  /** Whether Connect requests must carry `connect-protocol-version` (a GET `connect=v1`). Default false. */
  requireConnectProtocolHeader?: boolean | undefined;
  /** Options of protobuf-es for the binary format. Default: none. */
  binaryOptions?: Partial<BinaryReadOptions & BinaryWriteOptions> | undefined;
  /**
   * Options of protobuf-es for JSON. Unknown fields are ignored unless `ignoreUnknownFields` is false. Default: none.
   */
  jsonOptions?: Partial<JsonReadOptions & JsonWriteOptions> | undefined;
}

/** {@link MethodOptions} after merging: nothing is absent. */
export interface ResolvedMethodOptions {
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
  readonly compressMinBytes: number;
  readonly acceptCompression: readonly string[];
  readonly maxTimeoutMs: number | undefined;
  readonly requireConnectProtocolHeader: boolean;
  readonly binaryOptions: Partial<BinaryReadOptions & BinaryWriteOptions>;
  readonly jsonOptions: Partial<JsonReadOptions & JsonWriteOptions>;
}

/** The keys of {@link MethodOptions}. */
export const METHOD_OPTION_KEYS = {
  readMaxBytes: true,
  writeMaxBytes: true,
  compressMinBytes: true,
  acceptCompression: true,
  maxTimeoutMs: true,
  requireConnectProtocolHeader: true,
  binaryOptions: true,
  jsonOptions: true,
} as const satisfies Keys<MethodOptions>;

const SERVICE_OPTION_KEYS = {
  ...METHOD_OPTION_KEYS,
  interceptors: true,
  shutdownSignal: true,
} as const satisfies Keys<ServiceOptions>;

const BINARY_OPTION_KEYS = {
  readUnknownFields: true,
  recursionLimit: true,
  writeUnknownFields: true,
} as const satisfies Keys<BinaryReadOptions & BinaryWriteOptions>;

const JSON_OPTION_KEYS = {
  ignoreUnknownFields: true,
  recursionLimit: true,
  registry: true,
  alwaysEmitImplicit: true,
  enumAsInteger: true,
  useProtoFieldName: true,
} as const satisfies Keys<JsonReadOptions & JsonWriteOptions>;

const FORMAT_MAX_BYTES = 0xffff_ffff;
const COMPRESSIONS = ["gzip", "br", "zstd"];

/** The values of options that neither the server nor the service has. */
const DEFAULTS: ResolvedMethodOptions = {
  readMaxBytes: 4 * 1024 * 1024,
  writeMaxBytes: FORMAT_MAX_BYTES,
  compressMinBytes: 1024,
  acceptCompression: COMPRESSIONS,
  maxTimeoutMs: undefined,
  requireConnectProtocolHeader: false,
  binaryOptions: {},
  jsonOptions: {},
};

/** Where options are resolved. */
export interface ResolveContext {
  /** The values of absent options: for a service those of its server. Default: the defaults of a server. */
  readonly inherited?: ResolvedMethodOptions;
  /** Gets a warning for each key of `jsonOptions` and `binaryOptions` that protobuf-es does not have. */
  readonly warn?: (message: string) => void;
}

/**
 * Checks options, and fills in what is absent.
 *
 * @param where names the owner of the options in errors: `createServer` or a service
 * @throws TypeError or RangeError for an invalid value
 */
export function resolveMethodOptions(
  options: MethodOptions,
  where: string,
  { inherited = DEFAULTS, warn = safeLogger(undefined).warn }: ResolveContext = {},
): ResolvedMethodOptions {
  const { readMaxBytes, writeMaxBytes, compressMinBytes, acceptCompression, maxTimeoutMs } = options;
  const { requireConnectProtocolHeader, binaryOptions, jsonOptions } = options;
  assertOptionalInteger(where, "readMaxBytes", readMaxBytes, 0, FORMAT_MAX_BYTES);
  assertOptionalInteger(where, "writeMaxBytes", writeMaxBytes, 1, FORMAT_MAX_BYTES);
  assertOptionalInteger(where, "compressMinBytes", compressMinBytes, 0, Number.MAX_SAFE_INTEGER);
  assertOptionalInteger(where, "maxTimeoutMs", maxTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
  assertBoolean(where, "requireConnectProtocolHeader", requireConnectProtocolHeader ?? undefined);
  assertObject(where, "binaryOptions", binaryOptions ?? undefined);
  assertObject(where, "jsonOptions", jsonOptions ?? undefined);
  warnOfUnknown(where, "binaryOptions", binaryOptions, BINARY_OPTION_KEYS, warn);
  warnOfUnknown(where, "jsonOptions", jsonOptions, JSON_OPTION_KEYS, warn);
  return {
    // 0 means no limit but the format's own.
    readMaxBytes: readMaxBytes === 0 ? FORMAT_MAX_BYTES : (readMaxBytes ?? inherited.readMaxBytes),
    writeMaxBytes: writeMaxBytes ?? inherited.writeMaxBytes,
    compressMinBytes: Math.min(compressMinBytes ?? inherited.compressMinBytes, FORMAT_MAX_BYTES),
    acceptCompression: compressionNames(acceptCompression, where) ?? inherited.acceptCompression,
    maxTimeoutMs: maxTimeoutMs ?? inherited.maxTimeoutMs,
    requireConnectProtocolHeader: requireConnectProtocolHeader ?? inherited.requireConnectProtocolHeader,
    binaryOptions: binaryOptions ?? inherited.binaryOptions,
    jsonOptions: jsonOptions ?? inherited.jsonOptions,
  };
}

/** Unknown keys are allowed: another version of protobuf-es may know them. */
function warnOfUnknown(
  where: string,
  option: string,
  value: object | null | undefined,
  keys: Readonly<Record<string, true>>,
  warn: (message: string) => void,
): void {
  for (const key of unknownKeys(value ?? {}, keys)) {
    const nearest = nearestName(key, Object.keys(keys));
    const right = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
    warn(`${where}: ${option} has "${key}", which protobuf-es does not know.${right}`);
  }
}

function assertOptionalInteger(where: string, option: string, value: unknown, min: number, max: number): void {
  if (value !== undefined && value !== null) assertInteger(where, option, value, min, max);
}

/**
 * Checks the options that a service has in addition to {@link MethodOptions}.
 *
 * @param where names the service in errors
 * @throws TypeError for an invalid value
 */
export function assertServiceOptions(options: ServiceOptions, where: string): void {
  assertObject(where, "options", options);
  assertKnownKeys(options, SERVICE_OPTION_KEYS, { where });
  assertInterceptors(where, "interceptors", options.interceptors);
  const signal: unknown = options.shutdownSignal;
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`${where}: shutdownSignal must be an AbortSignal, not ${shown(signal)}`);
}

function compressionNames(
  compressions: readonly (Compression | CompressionName)[] | undefined,
  where: string,
): readonly string[] | undefined {
  if (compressions === undefined || compressions === null) return undefined;
  assertArray(where, "acceptCompression", compressions);
  const names = compressions.map((compression: Compression | string | undefined, index) => {
    if (typeof compression === "string") return compression;
    if (typeof compression?.name === "string") return compression.name;
    const right = "a name, or a compression of connect, which has one";
    throw new TypeError(`${where}: acceptCompression[${index}] must be ${right}, not ${shown(compression)}`);
  });
  for (const name of names) {
    if (!COMPRESSIONS.includes(name)) {
      throw new TypeError(`${where}: acceptCompression has "${name}"; it can have ${COMPRESSIONS.join(", ")}`);
    }
  }
  return [...new Set(names)];
}
