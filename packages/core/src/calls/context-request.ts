// The request as `contextValues` of createServer() sees it, and the values that it returns.
import type { IncomingHttpHeaders } from "node:http";
import type { ContextValues } from "@connectrpc/connect";
import { isThenable, shown } from "@connectum/hooks";
import type { CallHead } from "../boundary/call-head.ts";
import { nodeHeaders } from "../http/node-headers.ts";
import type { ContextRequest, ContextValuesFactory } from "../options/context-values.ts";
import type { Peer } from "../options/peer.ts";

/**
 * Calls the application's function for one call.
 *
 * @throws whatever it throws; TypeError unless it returns context values
 */
export function contextValuesOf(
  factory: ContextValuesFactory,
  head: CallHead,
  call: { readonly peer: Peer },
): ContextValues {
  const values: unknown = factory(new Request(head, call));
  if (isContextValues(values)) return values;
  // Nobody awaits it, and an unhandled rejection ends the process.
  if (isThenable(values)) values.then(undefined, () => {});
  throw new TypeError(`contextValues must return the result of createContextValues(), not ${shown(values)}`);
}

function isContextValues(values: unknown): values is ContextValues {
  if (typeof values !== "object" || values === null) return false;
  return ["get", "set", "delete"].every((name) => typeof Reflect.get(values, name) === "function");
}

/** Headers are decoded when they are first looked at. */
class Request implements ContextRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly #head: CallHead;
  readonly #call: { readonly peer: Peer };
  /** Up to the path, as in `http://127.0.0.1:5000`. */
  readonly #origin: string;
  #headers: IncomingHttpHeaders | undefined;

  constructor(head: CallHead, call: { readonly peer: Peer }) {
    this.#head = head;
    this.#call = call;
    const { url } = head;
    const begin = url.indexOf("/", url.indexOf("://") + 3);
    this.#origin = url.slice(0, begin);
    this.method = head.requestMethod;
    this.url = url.slice(begin);
    this.httpVersion = head.httpVersion;
  }

  get peer(): Peer {
    return this.#call.peer;
  }

  get headers(): IncomingHttpHeaders {
    const { method, url: target, httpVersion } = this;
    const { rawHeaders } = this.#head;
    const [scheme = "", host = ""] = this.#origin.split("://");
    const authority = httpVersion === "2.0" ? host : "";
    this.#headers ??= nodeHeaders({ method, target, httpVersion, scheme, authority, rawHeaders });
    return this.#headers;
  }
}
