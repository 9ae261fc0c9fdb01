// Unary calls that need no AbortSignal to learn that they are canceled, which costs more than a small call: those of
// transports in process.
import type { Transport, UnaryResponse } from "@connectrpc/connect";
import type { Abortable } from "@connectum/hooks";

/** What cancels a call. */
export type CanceledBy = Abortable | AbortSignal | undefined;

type Unary = Parameters<Transport["unary"]>;

/** `unary` of a transport, for anything that has a signal. It may throw whatever the promise would reject with. */
export type AbortableUnary = (
  method: Unary[0],
  canceledBy: CanceledBy,
  ...more: [Unary[2], Unary[3], Unary[4], Unary[5]]
) => Promise<UnaryResponse>;

/** By the function that they are behind: where a mock or a proxy has replaced that one, it is the one to be called. */
const abortable = new WeakMap<Transport["unary"], AbortableUnary>();

/** `unary` of a transport in process. */
export function unaryOf(call: AbortableUnary): Transport["unary"] {
  // The types of the messages are those of the method, which the client has chosen.
  const unary: Transport["unary"] = async (...given) => (await call(...given)) as never;
  abortable.set(unary, call);
  return unary;
}

/** `transport.unary`, for anything that has a signal. Where the transport needs it, the signal is created. */
export function callAbortable(transport: Transport, ...given: Parameters<AbortableUnary>): Promise<UnaryResponse> {
  const call = abortable.get(transport.unary);
  if (call !== undefined) return call(...given);
  const [method, canceledBy, ...more] = given;
  const signal = canceledBy === undefined || "aborted" in canceledBy ? canceledBy : canceledBy.signal;
  return transport.unary(method, signal, ...more);
}
