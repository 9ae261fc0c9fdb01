// Errors on their way to the client: what they may tell, and what the log is told.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { isSanitizableError, reportOf } from "@connectum/hooks";
import { notify } from "./callback.ts";
import type { AnyRequest, AnyResponse } from "./chain.ts";
import { complain } from "./complaint.ts";
import { watched, withMessages } from "./watched-stream.ts";

/** What `onError` is told about an error. */
export interface ErrorReport {
  /** A sanitizable error itself; of any other, the error that the client gets. What was thrown is its `cause`. */
  error: Error;
  /** The code that the client gets. */
  code: number;
  /** Of a sanitizable error. */
  serverDetails?: Readonly<Record<string, unknown>>;
  /** Where the error was made. With `includeStackTrace`. */
  stack?: string;
}

export interface ErrorHandlerOptions {
  /**
   * Whether errors are written to `console.error` when there is no `onError`. Default: unless `NODE_ENV` is `production`.
   * Where nothing is said, errors whose text the client does not get are written in production too, into the log of the server if it
   * has one: they are nowhere else.
   *
   * @deprecated use `onError`
   */
  logErrors?: boolean;
  /** Whether reports have a stack. Default: unless `NODE_ENV` is `production`. */
  includeStackTrace?: boolean;
  /** Told of every error, in place of the console. What it throws goes to the console; the call's error stays. */
  onError?: (info: ErrorReport) => void;
}

/**
 * Makes a `ConnectError` of whatever fails, streams that have begun included. A `ConnectError` passes as it is; an error with
 * `clientMessage` and `serverDetails` becomes its `clientMessage`; an abort is `canceled`. Of anything else the client learns
 * `internal error`, and the log learns all.
 */
export function createErrorHandlerInterceptor(options: ErrorHandlerOptions = {}): Interceptor {
  const report = reporterOf(options);
  return (next) => (request) => {
    const handle = (thrown: unknown): ConnectError => {
      const error = errorForClient(thrown);
      report(thrown, error, request);
      return error;
    };
    const rethrow = (thrown: unknown): never => {
      throw handle(thrown);
    };
    const watch = (response: AnyResponse) =>
      response.stream ? withMessages(response, watched(response.message, { onError: handle })) : response;
    try {
      return next(request).then(watch, rethrow);
    } catch (thrown) {
      return Promise.reject(handle(thrown));
    }
  };
}

/** What the client is told. A `code` counts only beside the marks of a sanitizable error: database drivers have one too. */
function errorForClient(thrown: unknown): ConnectError {
  try {
    if (isSanitizableError(thrown)) {
      return new ConnectError(thrown.clientMessage, thrown.code in Code ? thrown.code : Code.Unknown);
    }
    if (thrown instanceof ConnectError || isAbort(thrown)) return ConnectError.from(thrown);
  } catch {
    // It cannot be read: a getter throws, or it is a revoked proxy.
  }
  return new ConnectError("internal error", Code.Internal, undefined, undefined, thrown);
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}

type Reporter = (thrown: unknown, error: ConnectError, request: AnyRequest) => void;

function reporterOf({ logErrors, includeStackTrace, onError }: ErrorHandlerOptions): Reporter {
  // Browsers have no `process`.
  const isProduction = globalThis.process?.env["NODE_ENV"] === "production";
  const withStack = includeStackTrace ?? !isProduction;
  if (onError !== undefined) {
    return (thrown, error) => notify("error-handler", () => onError(errorReport(thrown, error, withStack)));
  }
  if (logErrors ?? !isProduction) return (thrown, error) => logAll(thrown, error, withStack);
  if (logErrors === undefined) return logMasked;
  return () => {};
}

function errorReport(thrown: unknown, error: ConnectError, withStack: boolean): ErrorReport {
  const stack = withStack ? stackOf(thrown, error) : undefined;
  const report = isSanitizableError(thrown)
    ? { error: thrown, code: error.code, serverDetails: thrown.serverDetails }
    : { error, code: error.code };
  return stack ? { ...report, stack } : report;
}

function logAll(thrown: unknown, error: ConnectError, withStack: boolean): void {
  complain("Interceptor caught error:", thrown);
  complain("Transformed ConnectError:", isSanitizableError(thrown) ? thrown.clientMessage : error);
  const stack = withStack ? stackOf(thrown, error) : undefined;
  if (stack) complain("Stack trace:", stack);
}

/** Only what the client was not told. */
function logMasked(thrown: unknown, error: ConnectError, request: AnyRequest): void {
  if (error === thrown || (error.code === Code.Canceled && isAbort(thrown) && !isSanitizableError(thrown))) return;
  const report = reportOf(request);
  if (report !== undefined) notify("error-handler", () => report(thrown));
  else complain("Interceptor caught error:", thrown);
}

/** That of the error itself, not of what was made of it, unless it cannot be read. */
function stackOf(thrown: unknown, error: ConnectError): string | undefined {
  try {
    return thrown instanceof Error ? thrown.stack : error.stack;
  } catch {
    return error.stack;
  }
}
