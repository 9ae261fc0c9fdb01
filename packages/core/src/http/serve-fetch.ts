// Serves a plain HTTP request with the option fetch: a Request in, a Response out.
import { shown } from "@connectum/hooks";
import type { FetchHandler } from "../options/fetch-handler.ts";
import { fetchRequest, hasVisibleBody, isFetchMethod } from "./fetch-request.ts";
import { FetchResponse, isResponse } from "./fetch-response.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { requestBody } from "./request-body.ts";

/** Responds, sooner or later. Never throws. */
export function serveFetch(exchange: HttpExchange, fetch: FetchHandler): void {
  exchange.servedBy = "fetch";
  if (exchange.isRpcClient) exchange.pass();
  else if (!isFetchMethod(exchange.method)) respond(exchange, 501, "Not Implemented");
  else void serve(exchange, fetch);
}

async function serve(exchange: HttpExchange, fetch: FetchHandler): Promise<void> {
  const controller = new AbortController();
  const body = hasVisibleBody(exchange) ? requestBody(exchange) : undefined;
  let request: Request;
  try {
    request = fetchRequest(exchange, body?.stream ?? null, controller.signal);
  } catch {
    // Its URL does not parse, of which only the client knows better.
    respond(exchange, 400, "Bad Request");
    return;
  }
  let response: FetchResponse | undefined;
  const abort = (reason: string) => {
    const error = new DOMException(reason, "AbortError");
    body?.abort(error);
    response?.cancel(error);
    controller.abort(error);
  };
  exchange.onAbort = abort;
  exchange.keptAlive = request;
  try {
    const returned: unknown = await fetch(request);
    if (!isResponse(returned))
      throw new TypeError(`fetch must return a Response or a promise of one, not ${shown(returned)}`);
    response = new FetchResponse(exchange, returned);
    if (exchange.isOver) response.cancel(controller.signal.reason);
    else await response.send();
  } catch (error) {
    if (!isReaction(error, controller.signal)) exchange.report(error);
    const failed = response;
    response = undefined;
    failed?.cancel(error);
    if (exchange.isOver) return;
    if (failed?.hasStarted) {
      exchange.fail();
      abort("the response failed before its end");
    } else {
      respond(exchange, 500, "Internal Server Error");
    }
  }
}

/** Whether a handler gave up because its client has gone, which is what it should do. */
function isReaction(error: unknown, { aborted, reason }: AbortSignal): boolean {
  // Runtimes do not always pass the reason on: some make an error of that name.
  return aborted && (error === reason || (error instanceof Error && error.name === "AbortError"));
}

/** Responds with a text of ours. */
function respond(exchange: HttpExchange, status: number, text: string): void {
  exchange.respond(status, ["content-type", "text/plain; charset=utf-8", "content-length", String(text.length)]);
  if (exchange.method !== "HEAD") exchange.write(new TextEncoder().encode(text));
  exchange.finish([]);
}
