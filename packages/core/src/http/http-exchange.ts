// A plain HTTP request as it crosses: its head, its body, and its response.
import process from "node:process";
import { Code } from "@connectrpc/connect";
import type { HttpPort } from "../boundary/call-port.ts";
import { Exchange } from "../boundary/exchange.ts";
import { InboundMessages } from "../boundary/inbound-messages.ts";
import { FLAG_NO_BODY, FLAG_RPC_CLIENT } from "../boundary/native.ts";
import type { Peer } from "../options/peer.ts";
import type { BodyFault } from "./body-fault.ts";

/** The most characters of a method or a path in the log: both are the client's. */
const MAX_LOGGED_LENGTH = 500;

export class HttpExchange extends Exchange<HttpPort> {
  readonly method: string;
  /** Path and query, as the client sent them; UTF-8 is percent-encoded. It has no control characters. */
  readonly target: string;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** HTTP/2's counterpart of the header `host`. Empty over HTTP/1, unless the target is a URL. */
  readonly authority: string;
  /** Empty for the client of a Unix socket. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Address and port of the listener, as a URL has them. */
  readonly localAddress: string;
  /** Name and value in turn, in the order in which they came. */
  readonly rawHeaders: readonly string[];
  /** Whether the request has a body; that may be empty all the same. */
  readonly hasBody: boolean;
  /** Whether its client speaks gRPC, gRPC-Web or Connect. */
  readonly isRpcClient: boolean;
  /** The option that serves it, for the log. */
  servedBy: "httpHandler" | "fetch" = "httpHandler";
  /** The `Request` of the Fetch standard: in Node its signal aborts only while the request itself is alive. */
  keptAlive: Request | undefined;
  /** Called once, with the reason, when its client has gone, or the server has closed it. */
  onAbort: ((reason: string) => void) | undefined;
  /** Called once, with the reason, when the server drains, and a response that has begun is to end. */
  onDrain: ((reason: string) => void) | undefined;
  #drainReason: string | undefined;
  /** Whether the head of the response has left. */
  #hasResponded = false;

  /**
   * @param head the request head, one item a line; see docs/boundary.md
   * @param flags `FLAG_NO_BODY`, `FLAG_RPC_CLIENT`
   */
  constructor(port: HttpPort, id: number, head: string, flags: number) {
    super(port, id, "connectum.request");
    const lines = head.split("\n");
    const [method, target, httpVersion, scheme, authority, remoteAddress, remotePort, localAddress] = lines;
    this.method = method as string;
    this.target = target as string;
    this.httpVersion = httpVersion as string;
    this.scheme = scheme as string;
    this.authority = authority as string;
    this.remoteAddress = remoteAddress as string;
    this.remotePort = Number(remotePort);
    this.localAddress = localAddress as string;
    this.rawHeaders = lines.slice(8);
    this.hasBody = (flags & FLAG_NO_BODY) === 0;
    this.isRpcClient = (flags & FLAG_RPC_CLIENT) !== 0;
  }

  /** Who has sent the request. */
  get peer(): Peer {
    return this.peerOf(this);
  }

  /** The parts of the body that have arrived; null when none has. */
  read(): InboundMessages | null {
    // Rust may not know yet that it is over, and would make it wait.
    if (this.isOver) return InboundMessages.ofEndedCall();
    return this.port.read(this.id);
  }

  /** Sends status and headers. Later calls are ignored. */
  respond(status: number, header: string[]): void {
    if (this.isOver) return;
    this.#hasResponded = true;
    // Later: the rest of a response that is complete follows at once.
    if (this.#drainReason !== undefined) process.nextTick(() => this.#tellOfDrain());
    this.port.respond(this.id, status, header);
  }

  /** Sends bytes of the body. False asks to wait for `writable()`. */
  write(bytes: Uint8Array): boolean {
    if (this.isOver) return true;
    this.port.write(this.id, { encodeInto: () => bytes }, null);
    return !this.isFull;
  }

  /** Ends the response. */
  finish(trailer: string[]): void {
    if (this.isOver) return;
    this.port.finish(this.id, null, null, trailer.length === 0 ? null : trailer);
    this.end();
  }

  /** Leaves the request to Rust, which responds as for a path that does not exist. */
  pass(): void {
    this.#failWith(Code.Unimplemented);
  }

  /** Ends the response with a failure: status 500, or an aborted body if the headers have left. */
  fail(): void {
    this.#failWith(Code.Internal);
  }

  /** Reads no more of the request's body: what has arrived is dropped, and what is still to come. */
  discard(): void {
    if (!this.isOver) this.port.discard(this.id);
  }

  /** Responds with a text. */
  respondText(status: number, text: string): void {
    this.respond(status, ["content-type", "text/plain; charset=utf-8", "content-length", String(text.length)]);
    if (this.method !== "HEAD") this.write(new TextEncoder().encode(text));
    this.finish([]);
  }

  /**
   * Ends an exchange whose request body has stopped half-way.
   *
   * @param fault what the client hears, unless the response has begun; undefined if it has gone, which Rust may not
   * have noticed
   */
  cancel(fault?: BodyFault): void {
    if (this.isOver) return;
    if (fault !== undefined && !this.#hasResponded) {
      this.respondText(fault.status, fault.statusText);
      this.#tell(this.onAbort, fault.message);
      return;
    }
    void this.peer;
    this.port.fail(this.id, failure(Code.Canceled));
    this.abort(Code.Canceled, "");
  }

  /** Logs an error of a handler, with the path. A query often has what no log should: tokens, names. */
  report(error: unknown): void {
    const path = this.target.split("?", 1)[0] as string;
    this.port.report(`${this.servedBy} failed for ${shortened(this.method)} ${shortened(path)}`, error);
  }

  override abort(code: Code, message: string): void {
    if (this.isOver) return;
    // Whoever hears of the abort may ask, and Rust is about to forget the request.
    void this.peer;
    this.end();
    // Rust's text is about calls.
    this.#tell(this.onAbort, code === Code.Canceled ? "the client has gone" : message);
  }

  /** The server drains: the response is to end soon if it has begun, or when it begins. */
  drain(reason: string): void {
    this.#drainReason = reason;
    if (this.#hasResponded) this.#tellOfDrain();
  }

  #tellOfDrain(): void {
    if (!this.isOver && this.#drainReason !== undefined) this.#tell(this.onDrain, this.#drainReason);
  }

  #tell(listener: ((reason: string) => void) | undefined, reason: string): void {
    try {
      this.run(() => listener?.(reason));
    } catch (error) {
      // Handlers may replace methods of their requests, even the prototype. The dispatcher must not see what those
      // throw.
      this.report(error);
    }
  }

  #failWith(code: Code): void {
    if (this.isOver) return;
    this.port.fail(this.id, failure(code));
    this.end();
  }
}

function shortened(text: string): string {
  return text.length > MAX_LOGGED_LENGTH ? `${text.slice(0, MAX_LOGGED_LENGTH)}...` : text;
}

function failure(code: Code) {
  return { code, message: "", details: [], metadata: null, header: null, trailer: null };
}
