// A plain HTTP request, with the API of node:http and node:http2.
import type { IncomingHttpHeaders } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { faultOf } from "./body-fault.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { nodeHeaders } from "./node-headers.ts";
import { EXCHANGE } from "./peer-of.ts";

/**
 * The part of `IncomingMessage` and `Http2ServerRequest` that handlers use: method, url, headers, and the body as a
 * stream. Names of headers are in lower case, in `rawHeaders` too.
 */
export class HttpRequest extends Readable {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly httpVersion: string;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  readonly rawHeaders: readonly string[];
  /**
   * Over HTTP/2 with `:method`, `:path`, `:scheme`, and with `:authority` if the client sent one; then `host` is the
   * same, for handlers that look for it.
   */
  readonly headers: IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string> = {};
  readonly rawTrailers: readonly string[] = [];
  readonly scheme: string;
  readonly authority: string;
  /** The client. There is no socket in JavaScript; this has the properties of one. */
  readonly socket: HttpSocket;
  /** Whether all of the body has arrived. */
  complete = false;
  /** Whether the client has gone before the response. */
  aborted = false;
  readonly #exchange: HttpExchange;
  readonly [EXCHANGE]: HttpExchange;
  #isReading = false;
  #isReleased = false;

  constructor(exchange: HttpExchange) {
    super();
    this.#exchange = exchange;
    this[EXCHANGE] = exchange;
    this.method = exchange.method;
    this.url = exchange.target;
    this.httpVersion = exchange.httpVersion;
    this.httpVersionMajor = Number(exchange.httpVersion[0]);
    this.httpVersionMinor = Number(exchange.httpVersion[2]);
    this.rawHeaders = exchange.rawHeaders;
    this.headers = nodeHeaders(exchange);
    this.scheme = exchange.scheme;
    this.authority = exchange.authority || (this.headers.host ?? "");
    this.socket = socketOf(exchange);
  }

  /** Whether a handler has begun to read the body, or has ended it. */
  get isTouched(): boolean {
    return (
      this.readableFlowing !== null || this.readableDidRead || this.listenerCount("readable") > 0 || this.destroyed
    );
  }

  /** The old name of `socket`. */
  get connection(): HttpSocket {
    return this.socket;
  }

  /** Leaves the body to someone else: what a handler does with this request from now on has no effect. */
  release(): void {
    this.#isReleased = true;
    this.destroy();
  }

  /** Does nothing: Node's closes idle sockets, which Rust does here. */
  setTimeout(): this {
    return this;
  }

  /** The client has gone. An error without a listener would end the process, so there is one only with a listener. */
  abort(): void {
    if (this.destroyed) return;
    this.aborted = true;
    // Later: what a listener throws must not reach the dispatcher, which has events of other calls to pass on.
    process.nextTick(() => this.emit("aborted"));
    this.destroy(this.listenerCount("error") > 0 ? connectionReset() : undefined);
  }

  override _read(): void {
    if (!this.#isReading) void this.#pull();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.complete && !this.#isReleased) this.#exchange.discard();
    if (error !== null && this.listenerCount("error") === 0) {
      // As in Node: an error without a listener would end the process, and with it every other call.
      this.#exchange.report(error);
      callback();
    } else {
      callback(error);
    }
  }

  /** Never rejects. */
  async #pull(): Promise<void> {
    this.#isReading = true;
    let wantsMore = true;
    while (wantsMore && !this.destroyed) {
      const arrived = this.#exchange.read();
      if (arrived === null) {
        await this.#exchange.readable();
        continue;
      }
      // A reader may keep the chunk, so it gets memory of its own.
      while (arrived.hasNext)
        wantsMore = this.push(arrived.take((bytes, isShared) => (isShared ? bytes.slice() : bytes)));
      if (arrived.end === undefined) continue;
      if (arrived.end === "end") {
        this.complete = true;
        this.push(null);
      } else {
        this.#exchange.cancel(faultOf(arrived.end));
      }
      return;
    }
    this.#isReading = false;
  }
}

/** The properties of a socket that handlers use. The client of a Unix socket has no address, as in Node. */
export interface HttpSocket {
  readonly remoteAddress: string | undefined;
  readonly remoteFamily: "IPv4" | "IPv6" | undefined;
  readonly remotePort: number | undefined;
  readonly encrypted: boolean;
}

function socketOf({ remoteAddress, remotePort, scheme }: HttpExchange): HttpSocket {
  const encrypted = scheme === "https";
  if (remoteAddress === "") {
    return { remoteAddress: undefined, remoteFamily: undefined, remotePort: undefined, encrypted };
  }
  return { remoteAddress, remoteFamily: remoteAddress.includes(":") ? "IPv6" : "IPv4", remotePort, encrypted };
}

function connectionReset(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
