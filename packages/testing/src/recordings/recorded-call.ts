// The lines of a recording: each is one call, as JSON.
import type { JsonValue } from "@bufbuild/protobuf";

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
