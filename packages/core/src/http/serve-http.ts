// Serves a plain HTTP request, one for a path that no method has: asks the handlers of the server's protocols in turn.
import type { HttpHandler, NodeRequest, NodeResponse } from "../services/protocol.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { HttpRequest } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";

export function serveHttp(exchange: HttpExchange, handlers: readonly HttpHandler[]): void {
  const request = new HttpRequest(exchange);
  const response = new HttpResponse(exchange, request);
  exchange.onAbort = () => {
    try {
      request.abort();
    } finally {
      response.destroy();
    }
  };
  // As in Node, the request is closed when the response has been sent, whether its body was read or not.
  response.once("finish", () => request.destroy());
  const fail = (error: unknown) => {
    exchange.report(error);
    exchange.fail();
  };
  try {
    const isHandled = handlers.some((handler) => {
      // Our objects have what handlers use of both of Node's kinds.
      const handled: unknown = handler(request as unknown as NodeRequest, response as unknown as NodeResponse);
      // Nobody else would see it fail, and an unhandled rejection ends the process.
      if (handled instanceof Promise) handled.catch(fail);
      return handled;
    });
    if (!isHandled && !response.headersSent) exchange.pass();
  } catch (error) {
    fail(error);
  }
}
