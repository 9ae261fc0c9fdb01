// The limits of connections: their types, their checks, and their defaults.
import { assertInteger, MAX_TIMER_MS } from "@connectum/hooks";
import type { NativeConnectionLimits } from "../boundary/native.ts";
import type { Http2Options } from "./http2-options.ts";

/** How long connections may take, how long they live, and how many there may be. Times are in milliseconds. */
export interface ConnectionLimits {
  /**
   * The longest time for the first bytes of a connection, which show the HTTP version, and for a PROXY header before
   * them. Default 30,000.
   */
  detectionTimeout?: number | undefined;
  /** The longest time for the head of an HTTP/1.1 request, and for a connection without a request. Default 60,000. */
  headersTimeout?: number | undefined;
  /**
   * The longest that a client may send nothing while the server waits for the rest of its request, or of a message of
   * a stream. Then the call fails with `deadline_exceeded`. Default 300,000; 0 is no limit.
   */
  requestTimeout?: number | undefined;
  /**
   * The longest that bytes may wait for a client that neither reads nor sends any. Then the connection is closed.
   * Default 300,000; 0 is no limit.
   */
  responseTimeout?: number | undefined;
  /** The time between two PING frames, by which an HTTP/2 client is asked whether it is there. Default 0: none. */
  pingInterval?: number | undefined;
  /** The longest time for the response to a PING; then the connection is closed. Default 20,000. */
  pingTimeout?: number | undefined;
  /**
   * The age at which the client of a connection is asked to leave, by GOAWAY or `connection: close`; 10 % more or less,
   * so that connections that began together do not end together. Default 0: none.
   */
  maxConnectionAge?: number | undefined;
  /** How long calls may go on after that before they fail with `unavailable`. Default 0: as long as they take. */
  maxConnectionAgeGrace?: number | undefined;
  /** The time without a call after which a client is asked to leave. Default 0: none. */
  maxConnectionIdle?: number | undefined;
  /** The number of requests after which a client is asked to leave. Default 0: any. */
  maxConnectionRequests?: number | undefined;
  /** The most bytes of a head: of an HTTP/1.1 request, and of the header fields of one of HTTP/2. Default 65,536. */
  maxHeaderBytes?: number | undefined;
  /** The most header fields of an HTTP/1.1 request. Default 100. */
  maxHeaderFields?: number | undefined;
  /** HTTP/2's flow control window of a request stream: what a client may send before it is read. Default 262,144. */
  streamWindowBytes?: number | undefined;
  /** The same for all streams of a connection together. Default 16,777,216. */
  connectionWindowBytes?: number | undefined;
  /** The largest frame that a client of HTTP/2 may send. Default 16,384, the least that HTTP/2 allows. */
  maxFrameBytes?: number | undefined;
  /** The memory for HTTP/2's compression of a client's header fields. Default 4,096. */
  headerTableBytes?: number | undefined;
  /** The most connections at the same time; one more is closed at once, and the log says so. Default 0: any. */
  maxConnections?: number | undefined;
  /** The most connections of one IP address at the same time. Default 0: any. */
  maxConnectionsPerAddress?: number | undefined;
}

/** Least and most, and the default. */
export const CONNECTION_LIMITS = {
  detectionTimeout: [1, MAX_TIMER_MS, 30_000],
  headersTimeout: [1, MAX_TIMER_MS, 60_000],
  requestTimeout: [0, MAX_TIMER_MS, 300_000],
  responseTimeout: [0, MAX_TIMER_MS, 300_000],
  pingInterval: [0, MAX_TIMER_MS, 0],
  pingTimeout: [1, MAX_TIMER_MS, 20_000],
  maxConnectionAge: [0, MAX_TIMER_MS, 0],
  maxConnectionAgeGrace: [0, MAX_TIMER_MS, 0],
  maxConnectionIdle: [0, MAX_TIMER_MS, 0],
  maxConnectionRequests: [0, 0xffff_ffff, 0],
  maxHeaderBytes: [1024, 0x100_0000, 0x1_0000],
  maxHeaderFields: [1, 0xffff, 100],
  streamWindowBytes: [1, 0x7fff_ffff, 0x4_0000],
  connectionWindowBytes: [0xffff, 0x7fff_ffff, 0x100_0000],
  maxFrameBytes: [0x4000, 0xff_ffff, 0x4000],
  headerTableBytes: [0, 0x100_0000, 0x1000],
  maxConnections: [0, 0xffff_ffff, 0],
  maxConnectionsPerAddress: [0, 0xffff_ffff, 0],
} as const satisfies Record<keyof ConnectionLimits, readonly [number, number, number]>;

/**
 * Checks the limits, and fills in what is absent: from `http2Options`, where node:http2 has the same under another
 * name, else the default.
 *
 * @throws TypeError or RangeError naming an option with an invalid value
 */
export function resolveConnectionLimits(
  options: ConnectionLimits,
  http2Options: Http2Options | undefined,
): NativeConnectionLimits {
  const twins = twinsOf(http2Options);
  const entries = Object.entries(CONNECTION_LIMITS).map(([key, [least, most, byDefault]]) => {
    const name = key as keyof ConnectionLimits;
    const [twin, twinValue] = twins[name] ?? [];
    if (twin !== undefined && twinValue !== undefined) assertInteger("createServer", twin, twinValue, least, most);
    const value = options[name];
    if (value !== undefined) assertInteger("createServer", name, value, least, most);
    return [name, value ?? twinValue ?? byDefault];
  });
  return Object.fromEntries(entries) as NativeConnectionLimits;
}

type Twins = Partial<Record<keyof ConnectionLimits, readonly [name: string, value: number | undefined]>>;

/** What node:http2 calls otherwise. */
function twinsOf({ settings, unknownProtocolTimeout }: Http2Options = {}): Twins {
  return {
    detectionTimeout: ["http2Options.unknownProtocolTimeout", unknownProtocolTimeout],
    maxHeaderBytes: ["http2Options.settings.maxHeaderListSize", settings?.maxHeaderListSize],
    streamWindowBytes: ["http2Options.settings.initialWindowSize", settings?.initialWindowSize],
    maxFrameBytes: ["http2Options.settings.maxFrameSize", settings?.maxFrameSize],
    headerTableBytes: ["http2Options.settings.headerTableSize", settings?.headerTableSize],
  };
}
