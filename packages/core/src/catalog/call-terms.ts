// What a call takes from its options, and from the context that it is made in: its time, its headers, its endpoint.
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { assertKnownKeys, assertString, type Keys, shown } from "@connectum/hooks";
import type { HeadersInit } from "../options/headers-init.ts";
import type { CallOptions } from "./call-types.ts";

/** The parts of the context that calls inherit. */
export type Inherited = Pick<HandlerContext, "signal" | "timeoutMs" | "requestHeader" | "values">;

/** The terms of one call. */
export interface CallTerms {
  readonly endpoint: string | undefined;
  /** More than 0; undefined is no limit. */
  readonly timeoutMs: number | undefined;
  /** Undefined for no headers. */
  readonly header: Headers | undefined;
}

const CALL_OPTION_KEYS = {
  signal: true,
  timeoutMs: true,
  headers: true,
  endpoint: true,
} as const satisfies Keys<CallOptions>;

/**
 * @param inherited the context that the call is made in; undefined if there is none
 * @param propagateHeaders names of headers that the call inherits
 * @param caller begins the texts of errors: `ctx.call`, for example
 * @throws ConnectError `deadline_exceeded` for a timeout of 0 or less, `invalid_argument` for invalid options
 */
export function termsOf(
  options: CallOptions,
  inherited: Inherited | undefined,
  propagateHeaders: readonly string[],
  caller: string,
): CallTerms {
  let given: Headers | undefined;
  try {
    assertKnownKeys(options, CALL_OPTION_KEYS, { where: caller });
    assertString(caller, "endpoint", options.endpoint);
    assertTimeout(caller, options.timeoutMs);
    assertSignal(caller, options.signal);
    if (options.headers !== undefined) given = headersOf(caller, options.headers);
  } catch (error) {
    throw ConnectError.from(error, Code.InvalidArgument);
  }
  const timeouts = [options.timeoutMs, inherited?.timeoutMs()].filter((timeout) => timeout !== undefined);
  const timeoutMs = timeouts.length === 0 ? undefined : Math.min(...timeouts);
  // connect's transports take 0 and less for no limit.
  if (timeoutMs !== undefined && timeoutMs <= 0) {
    throw new ConnectError("the operation timed out", Code.DeadlineExceeded);
  }
  return { endpoint: options.endpoint, timeoutMs, header: headerOf(given, inherited, propagateHeaders) };
}

/** Undefined for no headers. */
function headerOf(
  given: Headers | undefined,
  inherited: Inherited | undefined,
  propagateHeaders: readonly string[],
): Headers | undefined {
  if (inherited === undefined || propagateHeaders.length === 0) return given;
  const header = new Headers();
  for (const name of propagateHeaders) {
    const value = inherited.requestHeader.get(name);
    if (value !== null) header.set(name, value);
  }
  for (const [name, value] of given ?? []) header.set(name, value);
  return [...header.keys()].length === 0 ? undefined : header;
}

/** @throws TypeError unless it is a number, or absent */
function assertTimeout(caller: string, timeoutMs: unknown): void {
  if (timeoutMs === undefined || (typeof timeoutMs === "number" && !Number.isNaN(timeoutMs))) return;
  throw new TypeError(`${caller}: timeoutMs must be a number of milliseconds, not ${shown(timeoutMs)}`);
}

/** @throws TypeError unless it is a signal, or absent: null is no signal, as `fetch` takes it */
function assertSignal(caller: string, signal: unknown): void {
  if (signal === undefined || signal === null || isSignal(signal)) return;
  throw new TypeError(`${caller}: signal must be an AbortSignal, not ${shown(signal)}`);
}

/** Whether a value is an AbortSignal, be it of another implementation. */
export function isSignal(value: unknown): value is AbortSignal {
  return typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
}

/** @throws TypeError for what `Headers` does not take */
function headersOf(caller: string, headers: HeadersInit): Headers {
  try {
    return new Headers(headers);
  } catch (error) {
    throw new TypeError(`${caller}: headers: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
