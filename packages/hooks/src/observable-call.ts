// `connectum.call`: what a server reads and writes for a call, as it does, for interceptors that measure calls.

/** The key of a request's {@link ObservableCall}. Requests of a `@connectum/core` server have one, and so do copies. */
export const OBSERVABLE_CALL = Symbol.for("connectum.call");

/**
 * Gets told of a call. Messages that were read before it began to observe are not told. After `onSuccess` or
 * `onFailure` nothing follows. What these functions throw is logged by the server, and changes nothing.
 */
export interface CallObserver {
  /**
   * A request message has been read.
   *
   * @param bytes its size as it came, without compression; undefined in process, where nothing is serialized
   */
  onRequest(message: unknown, bytes: number | undefined): void;
  /** A response message has been written; the parameters are those of `onRequest`. */
  onResponse(message: unknown, bytes: number | undefined): void;
  /** The whole response has been written: messages and trailers. */
  onSuccess(): void;
  /**
   * The call has ended otherwise: by an error, also of a response that cannot be serialized, or because its client has
   * gone, its deadline has passed, or the server has given it up.
   *
   * @param error what was thrown. The client gets the code of a `ConnectError`, and `internal` for anything else
   */
  onFailure(error: unknown): void;
}

/** A call of a server. */
export interface ObservableCall {
  /** `connect`, `grpc` or `grpc-web`. */
  readonly protocolName: string;
  /** Whether its client is in the same process. */
  readonly isLocal: boolean;
  /**
   * The size of the request of a unary call, which is read before the first interceptor runs; otherwise that of the
   * message read last. Undefined in process, and if there was none.
   */
  readonly requestBytes: number | undefined;
  /**
   * Has `observer` hear of the call from now on. A call may have several.
   *
   * @returns false if the call is over: it will tell nothing
   */
  observe(observer: CallObserver): boolean;
}

/** The call under {@link OBSERVABLE_CALL}; undefined for requests of clients and of other servers. */
export function observableCallOf(request: object): ObservableCall | undefined {
  const call: unknown = Reflect.get(request, OBSERVABLE_CALL);
  return typeof call === "object" && call !== null && "observe" in call ? (call as ObservableCall) : undefined;
}
