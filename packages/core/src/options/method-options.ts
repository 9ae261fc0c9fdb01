// The options that bind single calls: limits, compression, deadlines and codecs. A server has them, a service may
// have its own; here they are merged, checked, and get their defaults.
import type { BinaryReadOptions, BinaryWriteOptions, JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { assertArray, assertBoolean, assertFunctions, assertInteger, assertObject, shown } from "./option-checks.ts";

/** ConnectRPC's options of a service: the last argument of `router.service()`. */
export type ServiceOptions = NonNullable<Parameters<ConnectRouter["service"]>[2]>;

/** One of connect's compressions: `compressionGzip` and `compressionBrotli` of `@connectrpc/connect-node`, for example. */
export type Compression = NonNullable<ServiceOptions["acceptCompression"]>[number];

/** What binds each call, for the whole server or for one service. */
export interface MethodOptions {
  /** Largest request message, in bytes after decompression. Default 4 MiB; 0 means 4 GiB - 1, the format's own limit. */
  readMaxBytes?: number | undefined;
  /** Largest response message, in bytes before compression. Default 4 GiB - 1. */
  writeMaxBytes?: number | undefined;
  /** Smallest response message that is compressed, in bytes. Default 1024. */
  compressMinBytes?: number | undefined;
  /**
   * Compressions for requests and responses, in order of preference. Default gzip, br, zstd; `[]` is none. Only their
   * names are used: the work is done in Rust.
   */
  acceptCompression?: readonly Compression[] | undefined;
  /** Longest timeout a client may ask for, in milliseconds. Default: any. A longer one is `invalid_argument`. */
  maxTimeoutMs?: number | undefined;
  /** Whether unary Connect requests must carry `connect-protocol-version` (or `connect=v1`). Default false. */
  requireConnectProtocolHeader?: boolean | undefined;
  /** Options of protobuf-es for the binary format. */
  binaryOptions?: Partial<BinaryReadOptions & BinaryWriteOptions> | undefined;
  /** Options of protobuf-es for JSON. Unknown fields are ignored unless `ignoreUnknownFields` is false. */
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

const FORMAT_MAX_BYTES = 0xffff_ffff;
const DEFAULT_READ_MAX_BYTES = 4 * 1024 * 1024;
const DEFAULT_COMPRESS_MIN_BYTES = 1024;
const COMPRESSIONS = ["gzip", "br", "zstd"];

/**
 * The options of a service on a server: each is the service's if it has it, else the server's, else the default.
 *
 * @param where names the options in errors: `createServer` or a service
 * @throws TypeError for a value that an option cannot have
 */
export function resolveMethodOptions(
  server: MethodOptions,
  service: MethodOptions,
  where: string,
): ResolvedMethodOptions {
  const readMaxBytes = service.readMaxBytes ?? server.readMaxBytes ?? DEFAULT_READ_MAX_BYTES;
  const writeMaxBytes = service.writeMaxBytes ?? server.writeMaxBytes ?? FORMAT_MAX_BYTES;
  const compressMinBytes = service.compressMinBytes ?? server.compressMinBytes ?? DEFAULT_COMPRESS_MIN_BYTES;
  const maxTimeoutMs = service.maxTimeoutMs ?? server.maxTimeoutMs;
  assertInteger(where, "readMaxBytes", readMaxBytes, 0, FORMAT_MAX_BYTES);
  assertInteger(where, "writeMaxBytes", writeMaxBytes, 1, FORMAT_MAX_BYTES);
  assertInteger(where, "compressMinBytes", compressMinBytes, 0, Number.MAX_SAFE_INTEGER);
  if (maxTimeoutMs !== undefined) assertInteger(where, "maxTimeoutMs", maxTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
  const requireConnectProtocolHeader =
    service.requireConnectProtocolHeader ?? server.requireConnectProtocolHeader ?? false;
  assertBoolean(where, "requireConnectProtocolHeader", requireConnectProtocolHeader);
  const binaryOptions = service.binaryOptions ?? server.binaryOptions ?? {};
  const jsonOptions = service.jsonOptions ?? server.jsonOptions ?? {};
  assertObject(where, "binaryOptions", binaryOptions);
  assertObject(where, "jsonOptions", jsonOptions);
  return {
    readMaxBytes: readMaxBytes === 0 ? FORMAT_MAX_BYTES : readMaxBytes,
    writeMaxBytes,
    compressMinBytes: Math.min(compressMinBytes, FORMAT_MAX_BYTES),
    acceptCompression: compressionNames(service.acceptCompression ?? server.acceptCompression, where),
    maxTimeoutMs,
    requireConnectProtocolHeader,
    binaryOptions,
    jsonOptions,
  };
}

/**
 * Checks what a service has beside {@link MethodOptions}.
 *
 * @param where names the service in errors
 * @throws TypeError for a value that an option cannot have
 */
export function assertServiceOptions(options: ServiceOptions, where: string): void {
  assertObject(where, "options", options);
  assertFunctions(where, "interceptors", options.interceptors);
  const signal: unknown = options.shutdownSignal;
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`${where}: shutdownSignal must be an AbortSignal, not ${shown(signal)}`);
}

function compressionNames(compressions: readonly Compression[] | undefined, where: string): readonly string[] {
  if (compressions === undefined) return COMPRESSIONS;
  assertArray(where, "acceptCompression", compressions);
  const names = compressions.map((compression: Compression | undefined, index) => {
    if (typeof compression?.name === "string") return compression.name;
    const right = "a compression of connect, with a name";
    throw new TypeError(`${where}: acceptCompression[${index}] must be ${right}, not ${shown(compression)}`);
  });
  for (const name of names) {
    if (!COMPRESSIONS.includes(name)) {
      throw new TypeError(`${where}: acceptCompression has "${name}"; it can have ${COMPRESSIONS.join(", ")}`);
    }
  }
  return [...new Set(names)];
}
