// Request headers as Node has them: one object, names in lower case, values joined.
import type { IncomingHttpHeaders } from "node:http";

/** Node keeps the first value of these headers, and joins the values of any other. */
const SINGLE = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** The facts of a request that its headers depend on. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** HTTP/2's counterpart of the header `host`. Empty over HTTP/1, unless the target is a URL. */
  readonly authority: string;
  /** Name and value in turn, names in lower case. */
  readonly rawHeaders: readonly string[];
}

/** The headers of a request; over HTTP/2 with the pseudo-headers, as `Http2ServerRequest` has them. */
export function nodeHeaders(head: RequestHead): IncomingHttpHeaders {
  const { rawHeaders, httpVersion, method, target, scheme, authority } = head;
  // Without a prototype, as in Node, so that a header named `constructor` is not found on it.
  const headers: Record<string, string | string[]> = Object.create(null);
  if (httpVersion === "2.0") {
    Object.assign(headers, { ":method": method, ":path": target, ":scheme": scheme });
    if (authority !== "") headers[":authority"] = authority;
  }
  // Where there are both, the authority of the target counts (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
  if (authority !== "") headers["host"] = authority;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    add(headers, rawHeaders[at] as string, rawHeaders[at + 1] as string);
  }
  return headers;
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const before = headers[name];
  if (name === "set-cookie") headers[name] = [...(before ?? []), value];
  else if (before === undefined) headers[name] = value;
  else if (!SINGLE.has(name)) headers[name] = `${before}${name === "cookie" ? "; " : ", "}${value}`;
}
