// Serves a call, wherever it comes from: with or without interceptors, as a unary call or as a stream.
import type { Inbound } from "../boundary/arrived.ts";
import type { Call } from "./call.ts";
import { serveIntercepted } from "./serve-intercepted.ts";
import { serveStream } from "./serve-stream.ts";
import { serveUnary } from "./serve-unary.ts";

/**
 * Runs the handler of a call in the call's async context. Never throws: every failure ends the call.
 *
 * @param message the only request message; null when the client sends a stream
 * @param isShared whether the memory of the message holds other things too
 */
export function serve(call: Call, message: Inbound | null, isShared: boolean): void {
  const { route } = call;
  if (route.contextValues !== undefined && !makeValues(call)) return;
  if (route.interceptors.length > 0) call.run(serveIntercepted, call, message, isShared);
  else if (message !== null && !route.streamsResponses) call.run(serveUnary, call, message, isShared);
  else call.run(serveStream, call, message, isShared);
}

/** Makes the context values of a call before it is served; false if the call has failed by that. */
function makeValues(call: Call): boolean {
  call.run(() => {
    try {
      // Kept by the call.
      void call.values;
    } catch (error) {
      call.fail(error);
    }
  });
  return !call.isOver;
}
