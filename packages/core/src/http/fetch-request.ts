// The Request of the Fetch standard for a plain HTTP request.
import type { HttpExchange } from "./http-exchange.ts";

/** Methods that no `Request` can have (Fetch, section 2.2.1), in any case of letters. */
const FORBIDDEN_METHOD = /^(?:connect|trace|track)$/i;
/** Methods without a body (Fetch, section 5.4), in any case of letters. */
const BODILESS_METHOD = /^(?:get|head)$/i;

/** Whether a `Request` can have the method. */
export function isFetchMethod(method: string): boolean {
  return !FORBIDDEN_METHOD.test(method);
}

/** Whether a handler gets to see the body. That of a GET is not shown, and is read by nobody. */
export function hasVisibleBody(exchange: HttpExchange): boolean {
  return exchange.hasBody && !BODILESS_METHOD.test(exchange.method);
}

/**
 * A global `Request`.
 *
 * @throws TypeError for a URL that does not parse
 */
export function fetchRequest(
  exchange: HttpExchange,
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Request {
  const { method, rawHeaders, authority } = exchange;
  // Its body can be read while the response is sent, which `duplex` has no value for.
  const request = new Request(
    urlOf(exchange),
    body === null ? { method, signal } : { method, signal, body, duplex: "half" },
  );
  const { headers } = request;
  let cookie: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at] as string, rawHeaders[at + 1] as string];
    // RFC 9113, section 8.2.3: clients of HTTP/2 may send each cookie in a field of its own.
    if (name === "cookie") cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    // Where there are both, `:authority` counts (RFC 9113, section 8.3.1).
    else if (name !== "host" || authority === "") headers.append(name, value);
  }
  if (cookie !== undefined) headers.set("cookie", cookie);
  // Handlers look for it, whatever the version of HTTP.
  if (authority !== "") headers.set("host", authority);
  return request;
}

function urlOf({ scheme, authority, target, rawHeaders, localAddress }: HttpExchange): string {
  // RFC 9112, section 3.2.4: `OPTIONS *` is about the server as a whole, whose URL has no path.
  const path = target === "*" ? "" : target;
  return `${scheme}://${authority || hostOf(rawHeaders) || localAddress}${path}`;
}

/** The value of `host`; undefined without one, as HTTP/1.0 allows. */
function hostOf(rawHeaders: readonly string[]): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at] === "host") return rawHeaders[at + 1];
  return undefined;
}
