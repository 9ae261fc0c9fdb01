// Transports that need no AbortSignal to learn that a call is canceled: a signal costs more than a small call.
import type { Transport, UnaryResponse } from "@connectrpc/connect";
import type { Abortable } from "@connectum/hooks";

/** The key of {@link AbortableTransport.unary}. */
export const CALL_UNARY = Symbol("connectum.callUnary");

/** What cancels a call. */
export type CanceledBy = Abortable | AbortSignal | undefined;

type Unary = Parameters<Transport["unary"]>;

/** A transport in process. */
export interface AbortableTransport extends Transport {
  /** `unary`, for anything that has a signal. */
  [CALL_UNARY](
    method: Unary[0],
    canceledBy: CanceledBy,
    ...more: [Unary[2], Unary[3], Unary[4], Unary[5]]
  ): Promise<UnaryResponse>;
}

/** `transport.unary`, for anything that has a signal. Where the transport needs it, the signal is created. */
export function callUnary(
  transport: Transport,
  method: Unary[0],
  canceledBy: CanceledBy,
  ...more: [Unary[2], Unary[3], Unary[4], Unary[5]]
): Promise<UnaryResponse> {
  if (CALL_UNARY in transport) return (transport as AbortableTransport)[CALL_UNARY](method, canceledBy, ...more);
  const signal = canceledBy === undefined || "aborted" in canceledBy ? canceledBy : canceledBy.signal;
  return transport.unary(method, signal, ...more);
}
