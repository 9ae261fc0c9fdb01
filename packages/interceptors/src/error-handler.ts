// Errors on their way out: one text for the client, another for the log.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  assertBoolean,
  assertFunction,
  assertKnownKeys,
  isSanitizableError,
  type Keys,
  markFactory,
} from "@connectum/hooks";
import type { AnyRequest, AnyResponse } from "./calls/chain.ts";
import { watched, withMessages } from "./calls/watched-stream.ts";
import { notify } from "./options/callback.ts";
import { logFailure } from "./options/failure-log.ts";

/** The argument of `onError`. */
export interface ErrorReport {
  /** A sanitizable error itself; otherwise the error that the client gets, whose `cause` is the thrown value. */
  error: Error;
  /** The code that the client gets. */
  code: number;
  /** Those of a sanitizable error. */
  serverDetails?: Readonly<Record<string, unknown>>;
  /** The stack of the thrown error, with `includeStackTrace`. */
  stack?: string;
}

export interface ErrorHandlerOptions {
  /**
   * Whether each error is written to the server's log, or to `console.error` where there is none, if there is no
   * `onError`: one line with the method, the code and the message; for `internal` and `unknown` the thrown error with
   * its stack; nothing for a client that cancels its own call. Default: unless `NODE_ENV` is `production`. Without this
   * option, errors whose text the client does not get are written in production, too, since they would be lost.
   *
   * @deprecated Use `onError`.
   */
  logErrors?: boolean | undefined;
  /**
   * Whether the log has the thrown error with its stack. Default: for the codes `internal` and `unknown`; in production
   * for all that is logged. Also whether reports to `onError` include a stack. Default: unless `NODE_ENV` is
   * `production`.
   */
  includeStackTrace?: boolean | undefined;
  /**
   * Called for each error, instead of the console. Errors that it throws are written to the console; the call's own
   * error stays.
   */
  onError?: ((info: ErrorReport) => void) | undefined;
}

const WHERE = "createErrorHandlerInterceptor";

const KEYS = {
  logErrors: true,
  includeStackTrace: true,
  onError: true,
} as const satisfies Keys<ErrorHandlerOptions>;

/**
 * Turns every failure into a `ConnectError`, those of running streams included. A `ConnectError` passes unchanged, a
 * sanitizable error becomes its `clientMessage`, an abort is `canceled`. For anything else the client gets
 * `internal error`, and the log gets the error.
 *
 * @throws TypeError for an invalid option
 */
export function createErrorHandlerInterceptor(options: ErrorHandlerOptions = {}): Interceptor {
  assertKnownKeys(options, KEYS, { where: WHERE });
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

markFactory(createErrorHandlerInterceptor, `${WHERE}()`);

/** The error for the client. A `code` counts only for sanitizable errors: errors of database drivers have one, too. */
function errorForClient(thrown: unknown): ConnectError {
  try {
    if (isSanitizableError(thrown)) {
      return new ConnectError(thrown.clientMessage, thrown.code in Code ? thrown.code : Code.Unknown);
    }
    if (thrown instanceof ConnectError || isAbort(thrown)) return ConnectError.from(thrown);
  } catch {
    // The value cannot be read: a getter throws, or it is a revoked proxy.
  }
  return new ConnectError("internal error", Code.Internal, undefined, undefined, thrown);
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}

type Reporter = (thrown: unknown, error: ConnectError, request: AnyRequest) => void;

function reporterOf({ logErrors, includeStackTrace, onError }: ErrorHandlerOptions): Reporter {
  assertBoolean(WHERE, "logErrors", logErrors);
  assertBoolean(WHERE, "includeStackTrace", includeStackTrace);
  assertFunction(WHERE, "onError", onError);
  // Browsers have no `process`.
  const isProduction = globalThis.process?.env["NODE_ENV"] === "production";
  if (onError !== undefined) {
    const withStack = includeStackTrace ?? !isProduction;
    return (thrown, error) => notify("error-handler", () => onError(errorReport(thrown, error, withStack)));
  }
  if (logErrors ?? !isProduction) {
    return (thrown, error, request) => logFailure(thrown, error, request, includeStackTrace);
  }
  if (logErrors === undefined) {
    return (thrown, error, request) => {
      // The thrown error itself, whatever its code: nobody else has it.
      if (isMasked(thrown, error)) logFailure(thrown, error, request, includeStackTrace ?? true);
    };
  }
  return () => {};
}

function errorReport(thrown: unknown, error: ConnectError, withStack: boolean): ErrorReport {
  const stack = withStack ? stackOf(thrown, error) : undefined;
  const report = isSanitizableError(thrown)
    ? { error: thrown, code: error.code, serverDetails: thrown.serverDetails }
    : { error, code: error.code };
  return stack ? { ...report, stack } : report;
}

/** Whether the client does not get what was thrown, so that it would be lost. */
function isMasked(thrown: unknown, error: ConnectError): boolean {
  return error !== thrown && !(error.code === Code.Canceled && isAbort(thrown) && !isSanitizableError(thrown));
}

/** The stack of the thrown error, or that of the ConnectError if the thrown one cannot be read. */
function stackOf(thrown: unknown, error: ConnectError): string | undefined {
  try {
    return thrown instanceof Error ? thrown.stack : error.stack;
  } catch {
    return error.stack;
  }
}
