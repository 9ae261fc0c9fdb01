// Serves a plain HTTP request with the option fetch: a Request in, a Response out.
import { shown } from "@connectum/hooks";
import type { FetchHandler, FetchInfo } from "../options/fetch-handler.ts";
import type { Peer } from "../options/peer.ts";
import type { BodyFault } from "./body-fault.ts";
import { fetchRequest, hasVisibleBody, isFetchMethod } from "./fetch-request.ts";
import { FetchResponse, isResponse } from "./fetch-response.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { requestBody } from "./request-body.ts";

/** The longest chain of causes that is searched: it may be a circle. */
const MAX_CAUSES = 10;

/** Responds, sooner or later. Never throws. */
export function serveFetch(exchange: HttpExchange, fetch: FetchHandler): void {
  exchange.servedBy = "fetch";
  if (exchange.isRpcClient) exchange.pass();
  else if (!isFetchMethod(exchange.method)) exchange.respondText(501, "Not Implemented");
  else void serve(exchange, fetch);
}

/** What is known of a request beside itself. */
class Info implements FetchInfo {
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
  }

  get peer(): Peer {
    return this.#exchange.peer;
  }
}

async function serve(exchange: HttpExchange, fetch: FetchHandler): Promise<void> {
  const controller = new AbortController();
  const body = hasVisibleBody(exchange) ? requestBody(exchange) : undefined;
  let request: Request;
  try {
    request = fetchRequest(exchange, body?.stream ?? null, controller.signal);
  } catch {
    // Its URL does not parse, of which only the client knows better.
    exchange.respondText(400, "Bad Request");
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
  exchange.onDrain = (reason) => controller.abort(new DOMException(reason, "AbortError"));
  exchange.keptAlive = request;
  try {
    const returned: unknown = await fetch(request, new Info(exchange));
    if (!isResponse(returned))
      throw new TypeError(`fetch must return a Response or a promise of one, not ${shown(returned)}`);
    response = new FetchResponse(exchange, returned);
    if (exchange.isOver) response.cancel(controller.signal.reason);
    else await response.send();
  } catch (error) {
    const fault = body?.fault;
    if (!isReaction(error, controller.signal) && !isOf(fault, error)) exchange.report(error);
    const failed = response;
    response = undefined;
    failed?.cancel(error);
    if (exchange.isOver) return;
    if (failed?.hasStarted) {
      exchange.fail();
      abort("the response failed before its end");
    } else {
      exchange.respondText(fault?.status ?? 500, fault?.statusText ?? "Internal Server Error");
    }
  }
}

/** Whether a handler gave up because its client has gone, which is what it should do. */
function isReaction(error: unknown, { aborted, reason }: AbortSignal): boolean {
  // Runtimes do not always pass the reason on: some make an error of that name.
  return aborted && (error === reason || (error instanceof Error && error.name === "AbortError"));
}

/** Whether a handler failed because its client sent a body that cannot be read, of which the client hears. */
function isOf(fault: BodyFault | undefined, error: unknown): boolean {
  if (fault === undefined || fault.status >= 500) return false;
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause !== fault; depth += 1) {
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return cause === fault;
}
