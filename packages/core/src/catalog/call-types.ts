// The types of calls to other services: `ctx.call`, `ctx.stream`, and the client of a catalog.
import type { HandlerContext } from "@connectrpc/connect";
import type { HeadersInit } from "../options/headers-init.ts";
import type { Peer } from "../options/peer.ts";

/**
 * The unary methods that can be called by name. Empty until it is augmented, by generated code or by hand:
 *
 * ```ts
 * declare module "@connectum/core" {
 *   interface ConnectumCallMap {
 *     "orders.v1.OrdersService/GetOrder": { request: GetOrderRequest; response: Order };
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is augmented
export interface ConnectumCallMap {}

/** The same for methods that stream, which also say how: `kind` is `server-stream`, `client-stream` or `bidi`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is augmented
export interface ConnectumStreamMap {}

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call, instead of the signal of the call that it is made in. */
  signal?: AbortSignal | undefined;
  /**
   * The longest that the call may take, in milliseconds. It cannot be longer than what is left of the call that it is
   * made in. 0 and less have expired already.
   */
  timeoutMs?: number | undefined;
  /** Request headers. They replace those that are propagated. */
  headers?: HeadersInit | undefined;
  /** For the resolver: which of several instances is meant. Without effect for a service of the same server. */
  endpoint?: string | undefined;
}

/** The value of a key of a type, if the type has it. */
type Of<Entry, Key extends string> = Entry extends { readonly [K in Key]: infer Value } ? Value : never;

/**
 * Calls a unary method by its name, `<package>.<Service>/<Method>`.
 *
 * Every failure is a rejection with a `ConnectError`.
 */
export type CatalogCall = <K extends keyof ConnectumCallMap>(
  method: K,
  request: Of<ConnectumCallMap[K], "request">,
  options?: CallOptions,
) => Promise<Of<ConnectumCallMap[K], "response">>;

/**
 * Finds a method that streams by its name; the function that it returns makes the call.
 *
 * @throws ConnectError for a method that does not exist, and for a unary one
 */
export type CatalogStream = <K extends keyof ConnectumStreamMap>(method: K) => StreamReturn<ConnectumStreamMap[K]>;

/** The function for a method that streams, by its kind. */
export type StreamReturn<E> = E extends { kind: "server-stream"; request: infer Req; response: infer Res }
  ? (request: Req, options?: CallOptions) => AsyncIterable<Res>
  : E extends { kind: "client-stream"; request: infer Req; response: infer Res }
    ? (options?: CallOptions) => ClientStreamHandle<Req, Res>
    : E extends { kind: "bidi"; request: infer Req; response: infer Res }
      ? (options?: CallOptions) => BidiStreamHandle<Req, Res>
      : never;

/** A call whose requests are a stream. */
export interface ClientStreamHandle<Req, Res> {
  /**
   * Sends a copy of a message. The promise resolves when there is room for another: whoever awaits it sends no faster
   * than the service reads. It rejects when the call has failed, which `close` tells as well. After `close`, and once
   * the call has its response, nothing is sent.
   */
  send(request: Req): Promise<void>;
  /** Ends the requests. Resolves to the response; the same promise each time. */
  close(): Promise<Res>;
}

/** A call that streams both ways. */
export interface BidiStreamHandle<Req, Res> {
  /** As in {@link ClientStreamHandle}; the failure of the call is also thrown by `responses`. */
  send(request: Req): Promise<void>;
  /** Ends the requests. Responses may follow. */
  close(): void;
  /**
   * The responses, for one loop. The call begins with it, or when 16 requests wait; leaving the loop early cancels the
   * call.
   */
  readonly responses: AsyncIterable<Res>;
}

/** The calls of a handler, or of a process that is no server. */
export interface CatalogClient {
  call: CatalogCall;
  stream: CatalogStream;
}

/** The context of a handler: connect's, who has made the call, and calls to other services of the catalog. */
export interface Context extends HandlerContext {
  /**
   * Who has made the call. It is fetched when it is looked at for the first time. That has to be before the response is
   * complete: afterwards its `transport` is `unknown`. After an abort it can be looked at.
   */
  readonly peer: Peer;
  /** Calls a unary method of the catalog. */
  readonly call: CatalogCall;
  /** Finds a method of the catalog that streams. */
  readonly stream: CatalogStream;
}
