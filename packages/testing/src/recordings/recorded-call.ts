// The lines of a recording: each is one call, as JSON.
import type { JsonValue } from "@bufbuild/protobuf";
import { isPlainObject } from "@connectum/hooks";

/** A name of a header and its value. */
export type RecordedField = readonly [name: string, value: string];

/** A message, as protobuf-es writes it (ProtoJSON), or `{ "$binary": <base64> }` if it cannot. */
export type RecordedMessage = JsonValue;

export interface RecordedResponse {
  /** How many requests the handler had read by then. */
  readonly after: number;
  /** Whether it had read their end, too. Absent: it had not, or there is one request only. */
  readonly ended?: true | undefined;
  readonly message: RecordedMessage;
}

export interface RecordedError {
  /** As the Connect protocol writes it: `not_found`. */
  readonly code: string;
  /** Without the code in front. */
  readonly message: string;
  /** The full name of each type, and the message as base64. */
  readonly details: readonly { readonly type: string; readonly value: string }[];
  readonly metadata: readonly RecordedField[];
}

/** A call that has ended. */
export interface RecordedCall {
  /** `shop.v1.Orders/Get`. */
  readonly method: string;
  /** Request headers that were asked for; null for those that it did not have. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly requests: readonly RecordedMessage[];
  /** Whether the handler has read the requests to their end. */
  readonly readAll: boolean;
  readonly header: readonly RecordedField[];
  readonly responses: readonly RecordedResponse[];
  readonly trailer: readonly RecordedField[];
  readonly error?: RecordedError | undefined;
}

/**
 * The calls of a file.
 *
 * @param name of the file, for errors
 * @throws TypeError for a line that is no call, with its number
 */
export function parseCalls(text: string, name: string): RecordedCall[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const call = parsed(line);
    if (isCall(call)) return [call];
    const right = 'a recorded call: {"method":"shop.v1.Orders/Get","headers":{},"requests":[{}], …}';
    throw new TypeError(`replay: line ${index + 1} of ${name} is not ${right}`);
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isCall(value: unknown): value is RecordedCall {
  if (!isPlainObject(value)) return false;
  const call = value as Partial<Record<keyof RecordedCall, unknown>>;
  const { method, headers, requests, responses, header, trailer } = call;
  if (typeof method !== "string" || !isPlainObject(headers)) return false;
  if (![requests, responses, header, trailer].every(Array.isArray)) return false;
  const { length } = requests as unknown[];
  return (responses as unknown[]).every((response) => isResponse(response, length));
}

/** A response after more requests than there were would never come. */
function isResponse(value: unknown, requests: number): value is RecordedResponse {
  if (!isPlainObject(value) || !("message" in value) || !("after" in value)) return false;
  return typeof value.after === "number" && value.after <= requests;
}
