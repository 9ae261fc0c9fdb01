// The response to a plain HTTP request, with the API of node:http and node:http2.
import { Buffer } from "node:buffer";
import type { OutgoingHttpHeader } from "node:http";
import { createRequire } from "node:module";
import process from "node:process";
import { Writable } from "node:stream";
import { assertFits } from "../boundary/metadata.ts";
import type { HttpExchange } from "./http-exchange.ts";
import type { HttpRequest, HttpSocket } from "./http-request.ts";

type HeaderValue = number | string | readonly string[];

/** Names and values as `writeHead` takes them: an object, or a flat list. */
type HeaderList = Record<string, OutgoingHttpHeader | undefined> | readonly OutgoingHttpHeader[];

/** Statuses whose responses have no body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * The part of `ServerResponse` and `Http2ServerResponse` that handlers use: status, headers, and the body as a stream.
 * Headers leave with the first bytes of the body, with `writeHead`, or with the end, whichever is first.
 */
export class HttpResponse extends Writable {
  statusCode = 200;
  /** Not sent: HTTP/2 has none, and clients ignore it. */
  statusMessage = "";
  headersSent = false;
  sendDate = true;
  readonly req: HttpRequest;
  readonly #exchange: HttpExchange;
  /** By name in lower case: the name as it was given, and the value. */
  readonly #headers = new Map<string, [string, HeaderValue]>();
  #isReleased = false;
  #header: string[] = [];
  #trailer: string[] = [];

  constructor(exchange: HttpExchange, request: HttpRequest) {
    super({ decodeStrings: true });
    this.#exchange = exchange;
    this.req = request;
  }

  get socket(): HttpSocket {
    return this.req.socket;
  }

  get connection(): HttpSocket {
    return this.req.socket;
  }

  /** The old name of `writableEnded`. */
  get finished(): boolean {
    return this.writableEnded;
  }

  /** @throws Error once the headers have been sent; TypeError for an invalid name or value */
  setHeader(name: string, value: HeaderValue): this {
    this.#assertNotSent("set");
    assertHeader(name, value);
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }

  /** Adds a value to a header. */
  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.getHeader(name);
    return this.setHeader(name, before === undefined ? value : [before, value].flat().map(String));
  }

  setHeaders(headers: Headers | ReadonlyMap<string, HeaderValue>): this {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase())?.[1];
  }

  getHeaders(): Record<string, HeaderValue> {
    const headers: Record<string, HeaderValue> = Object.create(null);
    for (const [name, [, value]] of this.#headers) headers[name] = value;
    return headers;
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** @throws Error once the headers have been sent */
  removeHeader(name: string): void {
    this.#assertNotSent("remove");
    this.#headers.delete(name.toLowerCase());
  }

  /**
   * Sends status and headers, those set before included.
   *
   * @param message is not sent
   * @throws RangeError unless the status is from 200 to 999, and for more headers than clients accept; Error when they
   * have been sent
   */
  writeHead(statusCode: number, message?: string | HeaderList, headers?: HeaderList): this {
    this.#assertNotSent("write");
    const given = typeof message === "object" ? message : headers;
    for (const [name, value] of pairs(given ?? {})) if (value !== undefined) this.setHeader(name, value);
    this.statusCode = statusCode;
    this.#sendHead();
    return this;
  }

  /** Sends status and headers now. */
  flushHeaders(): void {
    if (!this.headersSent) this.#sendHead();
  }

  /**
   * Sent after the body; over HTTP/1.1 only those that the header `trailer` names, to clients that say `te: trailers`.
   */
  addTrailers(headers: HeaderList): void {
    const trailer = [...this.#trailer, ...pairs(headers).flatMap(([name, value]) => fields(name, value ?? ""))];
    assertFits(trailer);
    this.#trailer = trailer;
  }

  /** Leaves the exchange to someone else: what a handler does with this response from now on has no effect. */
  release(): void {
    this.#isReleased = true;
    this.destroy();
  }

  /** Does nothing: hyper sends 100 Continue when the body is first read. */
  writeContinue(): void {}

  writeProcessing(): void {}

  /** Hints are not sent. */
  writeEarlyHints(_hints: object, callback?: () => void): void {
    callback?.();
  }

  /** Does nothing: Node's closes idle sockets, which Rust does here. */
  setTimeout(): this {
    return this;
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    const isAll = !this.headersSent && this.writableLength === 0 && !this.writableEnded;
    if (isAll && !this.hasHeader("content-length") && !this.hasHeader("trailer") && this.#hasBody()) {
      this.setHeader("content-length", byteLength(chunk, encoding));
    }
    // Node has the same three overloads, and checks the arguments.
    return (super.end as (...args: unknown[]) => this)(chunk, encoding, callback);
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: (error?: Error) => void): void {
    try {
      this.flushHeaders();
    } catch (error) {
      callback(error as Error);
      return;
    }
    if (!this.#hasBody() || this.#exchange.write(chunk)) callback();
    else void this.#exchange.writable().then(() => callback());
  }

  override _final(callback: (error?: Error) => void): void {
    try {
      this.flushHeaders();
      if (!this.#hasBody()) this.#exchange.respond(this.statusCode, this.#header);
      this.#exchange.finish(this.#trailer);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // No effect on one that has ended.
    if (!this.#isReleased) this.#exchange.fail();
    if (error !== null && this.listenerCount("error") === 0) {
      // An error without a listener would end the process, and with it every other call.
      this.#exchange.report(error);
      callback();
    } else {
      callback(error);
    }
  }

  #hasBody(): boolean {
    return this.req.method !== "HEAD" && !BODILESS.has(this.statusCode);
  }

  #sendHead(): void {
    const { statusCode } = this;
    if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 999) {
      throw new RangeError(`the status code of a response must be an integer from 200 to 999, not ${statusCode}`);
    }
    const header = [...this.#headers.values()].flatMap(([name, value]) => fields(name, value));
    assertFits(header);
    this.headersSent = true;
    // Without a body, headers and end cross together. The server drops the body of such a response once it has the
    // headers, and until the end has come it would take that for a client that has gone.
    this.#header = header;
    if (this.#hasBody() && !this.#isReleased) this.#exchange.respond(statusCode, header);
  }

  #assertNotSent(what: string): void {
    if (!this.headersSent) return;
    const error = new Error(`Cannot ${what} headers after they are sent to the client`);
    throw Object.assign(error, { code: "ERR_HTTP_HEADERS_SENT" });
  }
}

/** Loaded with the first header: its import would make Node load `fetch` and everything that belongs to it. */
let http: typeof import("node:http") | undefined;

function loadHttp(): typeof import("node:http") {
  return process.getBuiltinModule?.("node:http") ?? createRequire(import.meta.url)("node:http");
}

function assertHeader(name: string, value: HeaderValue): void {
  http ??= loadHttp();
  const { validateHeaderName, validateHeaderValue } = http;
  validateHeaderName(name);
  for (const one of [value].flat()) validateHeaderValue(name, String(one));
}

function pairs(headers: HeaderList): [string, OutgoingHttpHeader | undefined][] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (Array.isArray(headers[0])) return headers as unknown as [string, OutgoingHttpHeader][];
  return Array.from({ length: headers.length / 2 }, (_, at) => [String(headers[2 * at]), headers[2 * at + 1]]);
}

function fields(name: string, value: HeaderValue): string[] {
  return [value].flat().flatMap((one) => [name, String(one)]);
}

/** The length of the chunk that `end` was given. */
function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === "string") {
    return Buffer.byteLength(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
