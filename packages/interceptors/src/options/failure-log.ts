// The line of the log for a call that failed.
import { Code, ConnectError } from "@connectrpc/connect";
import { isSanitizableError, reportOf } from "@connectum/hooks";
import type { AnyRequest } from "../calls/chain.ts";
import { requestIdNote } from "../calls/request-id-key.ts";
import { complain } from "./complaint.ts";

/**
 * Writes one line: the method, the code and the message. A fault of the server is written with its stack. A client that
 * cancels its own call is nothing to write about.
 *
 * @param thrown what the handler, or an inner interceptor, threw
 * @param error the error that the client gets
 * @param withStack default: for the codes `internal` and `unknown`
 */
export function logFailure(thrown: unknown, error: ConnectError, request: AnyRequest, withStack?: boolean): void {
  // Libraries have errors of their own for that.
  if (isCanceled(request)) return;
  const hasStack = withStack ?? (error.code === Code.Internal || error.code === Code.Unknown);
  const { service, method } = request;
  const message = oneLine(hasStack ? error.message : messageOf(thrown, error));
  const text = `rpc ${method.name} of ${service.typeName} failed: ${message}${requestIdNote(request)}`;
  const details = hasStack ? thrown : detailsOf(thrown);
  const report = reportOf(request);
  if (report !== undefined) report(details, text);
  else if (details === undefined) complain(text);
  else complain(text, details);
}

/** Whether the client has canceled the call, or is gone. */
function isCanceled({ signal }: AnyRequest): boolean {
  // Mock requests of tests have no signal.
  if (signal?.aborted !== true) return false;
  const reason: unknown = signal.reason;
  return !(reason instanceof ConnectError) || reason.code === Code.Canceled;
}

/** The message for the operator: the error's own where the client gets another one. */
function messageOf(thrown: unknown, error: ConnectError): string {
  try {
    if (error === thrown) return error.message;
    if (!isSanitizableError(thrown)) return `[${codeName(error)}] ${String(thrown)}`;
    const { message, clientMessage } = thrown;
    return message === clientMessage ? error.message : `${error.message} (${message})`;
  } catch {
    // The value cannot be read: a getter throws, or it is a revoked proxy.
    return error.message;
  }
}

/** Fields that the thrower meant for the log; undefined for none. */
function detailsOf(thrown: unknown): object | undefined {
  try {
    if (!isSanitizableError(thrown) || Object.keys(thrown.serverDetails).length === 0) return undefined;
    return thrown.serverDetails;
  } catch {
    return undefined;
  }
}

/** As connect writes it: `not_found`. */
function codeName({ code }: ConnectError): string {
  return new ConnectError("", code).message.slice(1, -1);
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Characters of a message in the log. */
const MAX_LENGTH = 4_096;

/** A message may be the client's own text: it must neither look like further lines nor fill the log. */
function oneLine(message: string): string {
  const rest = message.length - MAX_LENGTH;
  const text = rest > 0 ? `${message.slice(0, MAX_LENGTH)}… and ${rest} more characters` : message;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
}
