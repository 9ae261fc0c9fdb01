// Serves a plain HTTP request, one for a path that no method has: asks the handlers of the server's protocols in turn,
// then the option fetch.
import type { FetchHandler } from "../options/fetch-handler.ts";
import type { HttpHandler, NodeRequest, NodeResponse } from "../services/protocol.ts";
import { hasVisibleBody } from "./fetch-request.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { HttpRequest } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";
import { serveFetch } from "./serve-fetch.ts";

/** The handlers of a server. */
export interface HttpHandlers {
  readonly httpHandlers: readonly HttpHandler[];
  readonly fetch: FetchHandler | undefined;
}

export function serveHttp(exchange: HttpExchange, { httpHandlers, fetch }: HttpHandlers): void {
  // What follows it is no HTTP, and no handler has the connection.
  if (exchange.method === "CONNECT") {
    exchange.respondText(501, "Not Implemented");
    return;
  }
  // Node's streams cost more than the rest.
  if (httpHandlers.length === 0 && fetch !== undefined) serveFetch(exchange, fetch);
  else askHandlers(exchange, httpHandlers, fetch);
}

function askHandlers(exchange: HttpExchange, handlers: readonly HttpHandler[], fetch: FetchHandler | undefined): void {
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
    if (!(request.aborted && isReaction(error))) exchange.report(error);
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
    if (isHandled || response.headersSent) return;
    if (fetch === undefined) {
      exchange.pass();
      return;
    }
    if (request.isTouched && hasVisibleBody(exchange)) throw bodyIsGone();
    exchange.onAbort = undefined;
    response.release();
    request.release();
    serveFetch(exchange, fetch);
  } catch (error) {
    fail(error);
  }
}

/** Whether a handler gave up because the request was aborted: with what its streams fail with then. */
function isReaction(error: unknown): boolean {
  const { code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE";
}

function bodyIsGone(): Error {
  const right = "Return true for a request that it serves, or leave the body alone";
  return new Error(
    `an httpHandler read the body of a request and returned a falsy value: fetch cannot read it. ${right}`,
  );
}
