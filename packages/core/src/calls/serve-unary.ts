// Serves a call with one message each way.
import { isThenable } from "@connectum/hooks";
import type { Inbound } from "../boundary/arrived.ts";
import type { Call } from "./call.ts";
import { createContext } from "./context.ts";

/**
 * Parses the message, calls the handler, and responds: at once if the handler returns a message, later if it returns a
 * promise.
 *
 * @param isShared whether the memory of the message holds other things too
 */
export function serveUnary(call: Call, message: Inbound, isShared: boolean): void {
  try {
    respondWith(call, call.route.handler(call.parse(message, isShared), createContext(call)));
  } catch (error) {
    call.fail(error);
  }
}

/** Responds with a message, or with what a promise resolves to; for handlers of client streams too. */
export function respondWith(call: Call, returned: unknown): void {
  if (isThenable(returned)) {
    returned.then(
      (value) => respondOrFail(call, value),
      (error) => call.fail(error),
    );
  } else {
    call.respond(returned);
  }
}

function respondOrFail(call: Call, value: unknown): void {
  try {
    call.respond(value);
  } catch (error) {
    call.fail(error);
  }
}
