// A call of the echo service in terms that every client has; the file of a client translates it.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EchoRequestSchema, EchoResponse } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

/** The four kinds, and a method for each. */
export const methods = {
  unary: "Echo",
  "server stream": "EchoServerStream",
  "client stream": "EchoClientStream",
  "bidi stream": "EchoBidiStream",
} as const;

export type Kind = keyof typeof methods;
export type EchoRequestInit = MessageInitShape<typeof EchoRequestSchema>;

/** A call for a client to make. */
export interface EchoCall {
  readonly kind: Kind;
  /** Exactly one, unless requests are a stream. */
  readonly requests: AsyncIterable<EchoRequestInit>;
  /** Request headers: text, or bytes where the name ends with `-bin`. */
  readonly metadata: readonly (readonly [name: string, value: string | Uint8Array])[];
  /** The deadline, which the client has to send to the server. */
  readonly timeoutMs: number | undefined;
  /** Aborts when the client has to cancel. */
  readonly signal: AbortSignal;
  /** Called with each response when the client has received it. */
  readonly onMessage: (message: EchoResponse) => void;
}

/** Metadata of a response; values whose name ends with `-bin` are base64. */
export interface EchoAnswer {
  readonly header: Headers;
  readonly trailer: Headers;
}

/** Makes a call. Rejects with a ConnectError for every call that does not succeed. */
export type Caller = (call: EchoCall) => Promise<EchoAnswer>;

/** The only request of a call without a request stream. */
export async function onlyRequest({ requests }: EchoCall): Promise<EchoRequestInit> {
  for await (const request of requests) return request;
  throw new Error("a call without a request");
}

/** All requests, for clients that need them before they start the call. */
export async function allRequests({ requests }: EchoCall): Promise<EchoRequestInit[]> {
  const all: EchoRequestInit[] = [];
  for await (const request of requests) all.push(request);
  return all;
}
