// A request that is no RPC: the handlers of the server's protocols are asked in turn.

import type { HttpHandler, NodeRequest, NodeResponse } from "../services/protocol.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { HttpRequest } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";

export function serveHttp(exchange: HttpExchange, handlers: readonly HttpHandler[]): void {
  const request = new HttpRequest(exchange);
  const response = new HttpResponse(exchange, request);
  exchange.observer = {
    onAbort() {
      try {
        request.abort();
      } finally {
        response.destroy();
      }
    },
  };
  // Node closes both when the answer is out, read or not.
  response.once("finish", () => request.destroy());
  const fail = (error: unknown) => {
    exchange.report(error);
    exchange.breakOff();
  };
  try {
    const isHandled = handlers.some((handler) => {
      // Ours have what handlers use of both of Node's.
      const handled: unknown = handler(request as unknown as NodeRequest, response as unknown as NodeResponse);
      // Its failure would be nobody's: an unhandled rejection ends the process.
      if (handled instanceof Promise) handled.catch(fail);
      return handled;
    });
    if (!isHandled && !response.headersSent) exchange.pass();
  } catch (error) {
    fail(error);
  }
}
