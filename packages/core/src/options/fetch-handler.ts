// The option fetch: a handler of the Fetch standard, for the HTTP requests that nothing else serves.
import { shown } from "@connectum/hooks";
import type { Peer } from "./peer.ts";

/** What is known of a request beside itself. To Hono it is the environment: `context.env.peer`. */
export interface FetchInfo {
  /** Who has sent the request. */
  readonly peer: Peer;
}

/**
 * Serves an HTTP request with the types of the Fetch standard: `app.fetch` of Hono and of other routers.
 *
 * @param request a global `Request`. Its URL is absolute. A GET or HEAD has no body; any other body is a byte stream,
 * read from the client as fast as it is read here. `signal` aborts with an `AbortError` when the response cannot be
 * completed: the client has gone, the server was closed, or its body failed. It does not abort after a complete one.
 * @param info who has sent it
 * @returns a `Response`. Its body is read as fast as the client reads, and cancelled when the client has gone. A
 * handler that throws, or returns anything else, responds with status 500, and the log says why
 */
export type FetchHandler = (request: Request, info: FetchInfo) => Response | Promise<Response>;

/** @throws TypeError unless `value` is a function, or absent */
export function assertFetchHandler(value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  const isApp = typeof value === "object" && value !== null && typeof Reflect.get(value, "fetch") === "function";
  const right = isApp ? "an object that has one. Did you mean fetch: app.fetch?" : shown(value);
  throw new TypeError(`createServer: fetch must be a function, as in fetch: (request) => new Response(), not ${right}`);
}
