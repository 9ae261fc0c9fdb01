// The limits of connections: their types, their checks, and their defaults.
import { assertInteger, MAX_TIMER_MS } from "@connectum/hooks";
import type { NativeConnectionLimits } from "../boundary/native.ts";

/** How long connections may take, how long they live, and how many there may be. Times are in milliseconds. */
export interface ConnectionLimits {
  /** The longest time for the first bytes of a connection, which show the HTTP version. Default 30,000. */
  detectionTimeout?: number | undefined;
  /** The longest time for the head of an HTTP/1.1 request. A connection without a request is kept as long. Default 60,000. */
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
  /** The time between two PING frames to an HTTP/2 client, which find out whether it is still there. Default 0: none. */
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
  /** The most connections at the same time; one more is closed at once, and the log says so. Default 0: any. */
  maxConnections?: number | undefined;
  /** The most connections of one IP address at the same time. Default 0: any. */
  maxConnectionsPerAddress?: number | undefined;
}

/** Least and most, and the default. */
const LIMITS = {
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
  maxConnections: [0, 0xffff_ffff, 0],
  maxConnectionsPerAddress: [0, 0xffff_ffff, 0],
} as const satisfies Record<keyof ConnectionLimits, readonly [number, number, number]>;

/**
 * Checks the limits, and fills in what is absent.
 *
 * @throws TypeError or RangeError naming an option with an invalid value
 */
export function resolveConnectionLimits(options: ConnectionLimits): NativeConnectionLimits {
  const entries = Object.entries(LIMITS).map(([name, [least, most, byDefault]]) => {
    const value = options[name as keyof ConnectionLimits];
    if (value !== undefined) assertInteger("createServer", name, value, least, most);
    return [name, value ?? byDefault];
  });
  return Object.fromEntries(entries) as NativeConnectionLimits;
}
