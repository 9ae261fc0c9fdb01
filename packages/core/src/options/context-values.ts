// The option contextValues: a function of the application's that makes the context values of each call.
import type { IncomingHttpHeaders } from "node:http";
import type { ContextValues } from "@connectrpc/connect";
import type { Peer } from "./peer.ts";

/** The HTTP request of a call, with the properties that Node's requests have. Its body is the call's messages. */
export interface ContextRequest {
  /** `POST` or `GET`. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case, as `node:http` has them; over HTTP/2 with `:method`, `:path`, `:scheme`, `:authority`. */
  readonly headers: IncomingHttpHeaders;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** Who has made the call. */
  readonly peer: Peer;
}

/**
 * Makes the context values of a call.
 *
 * @returns the result of connect's `createContextValues()`
 */
export type ContextValuesFactory = (request: ContextRequest) => ContextValues;
