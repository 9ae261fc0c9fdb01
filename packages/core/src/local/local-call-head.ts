// The head of a call in process: what its handler would see if the client were connect's, with the Connect protocol.
import type { CallHead } from "../boundary/call-head.ts";
import type { HeadersInit } from "../options/headers-init.ts";
import type { Route } from "../services/route.ts";

/** The header that every call in process has. Rust removes it from what comes off the wire, so it cannot be forged. */
const MARKER = "connectum-internal-transport";
const MARKER_VALUE = "in-process";

/** The URL of a method in process. */
export function localUrl(path: string): string {
  return `https://in-memory${path}`;
}

/** What a client says of the headers of its request. */
export interface HeaderTerms {
  /** Its own. They cannot replace the others. */
  readonly given: HeadersInit | undefined;
  /** More than 0; undefined is no limit. */
  readonly timeoutMs: number | undefined;
}

/**
 * The headers of a request: the caller's, the Connect protocol's, and the marker.
 *
 * @throws TypeError for names or values that `Headers` does not take
 */
export function requestHeaders({ given, timeoutMs }: HeaderTerms, isStream: boolean): Headers {
  const headers = new Headers(given);
  if (timeoutMs === undefined) headers.delete("connect-timeout-ms");
  else headers.set("connect-timeout-ms", `${timeoutMs}`);
  headers.set("content-type", isStream ? "application/connect+proto" : "application/proto");
  headers.set("connect-protocol-version", "1");
  headers.set(MARKER, MARKER_VALUE);
  return headers;
}

export class LocalCallHead implements CallHead {
  readonly httpVersion = "2.0";
  readonly isLocal = true;
  readonly requestMethod = "POST";
  readonly protocolName = "connect";
  readonly json = false;
  readonly #path: string;
  readonly #isStream: boolean;
  readonly #header: HeaderTerms;

  /** @param header from which the headers are made when they are looked at */
  constructor({ path, isStream }: Route, header: HeaderTerms) {
    this.#path = path;
    this.#isStream = isStream;
    this.#header = header;
  }

  get url(): string {
    return localUrl(this.#path);
  }

  get headers(): Headers {
    return requestHeaders(this.#header, this.#isStream);
  }

  header(): undefined {
    // They are made from what the client gave, and the client has made them.
    return undefined;
  }

  get rawHeaders(): string[] {
    return [...this.headers].flat();
  }

  end(): void {
    // Nothing is shared with other calls.
  }
}
