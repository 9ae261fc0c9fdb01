// The head of a call: what is known of it before its handler runs. URL and headers are decoded on first use, as
// most handlers never look at them.
import type { Buffer } from "node:buffer";
import { headerIn, headersOf, pairsOf, urlOf } from "./metadata.ts";
import {
  FLAG_GET,
  FLAG_HTTP10,
  FLAG_HTTP11,
  FLAG_JSON,
  PROTOCOL_CONNECT,
  PROTOCOL_GRPC,
  PROTOCOL_GRPC_WEB,
  PROTOCOL_MASK,
  PROTOCOL_SHIFT,
} from "./native.ts";

/** The fixed facts of a call, wherever it comes from. */
export interface CallHead {
  /** The absolute URL of the request. */
  readonly url: string;
  /** The request headers; a new object each time. */
  readonly headers: Headers;
  /** What `headers.get(name)` returns; undefined if only `headers` can tell. */
  header(name: string): string | null | undefined;
  /** Name and value of each request header in turn, in the order in which they came. */
  readonly rawHeaders: readonly string[];
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** Whether the client is in the same process. */
  readonly isLocal: boolean;
  /** `GET` or `POST`. */
  readonly requestMethod: string;
  /** `connect`, `grpc` or `grpc-web`. */
  readonly protocolName: string;
  /** Whether the messages are JSON. */
  readonly json: boolean;
  /** The call is over. Its context may still be read. */
  end(): void;
}

/** By the protocol's number in the flags. */
const protocolNames: Readonly<Record<number, string>> = {
  [PROTOCOL_CONNECT]: "connect",
  [PROTOCOL_GRPC]: "grpc",
  [PROTOCOL_GRPC_WEB]: "grpc-web",
};

/** The head of a call that came from Rust. */
export class InboundCallHead implements CallHead {
  readonly #flags: number;
  #text: string | undefined;
  #block: Buffer | undefined;
  readonly #begin: number;
  readonly #end: number;
  #isOver = false;

  /**
   * @param flags as in the column `INBOUND_FLAGS`
   * @param text the request head, or memory that holds it as Latin-1 from `begin` to `end`
   */
  constructor(flags: number, text: string | Buffer, begin = 0, end = 0) {
    this.#flags = flags;
    if (typeof text === "string") this.#text = text;
    else this.#block = text;
    this.#begin = begin;
    this.#end = end;
  }

  get url(): string {
    return urlOf(this.#decode());
  }

  get headers(): Headers {
    return headersOf(this.#decode());
  }

  header(name: string): string | null {
    return headerIn(this.#decode(), name);
  }

  get rawHeaders(): string[] {
    return pairsOf(this.#decode());
  }

  get httpVersion(): string {
    if ((this.#flags & FLAG_HTTP11) !== 0) return "1.1";
    return (this.#flags & FLAG_HTTP10) !== 0 ? "1.0" : "2.0";
  }

  get isLocal(): boolean {
    return false;
  }

  get requestMethod(): string {
    return (this.#flags & FLAG_GET) === 0 ? "POST" : "GET";
  }

  get protocolName(): string {
    return protocolNames[(this.#flags >> PROTOCOL_SHIFT) & PROTOCOL_MASK] ?? "connect";
  }

  get json(): boolean {
    return (this.#flags & FLAG_JSON) !== 0;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Copies the head out of memory that holds other calls as well, unless the call is over. */
  detach(): void {
    if (!this.#isOver) this.#decode();
  }

  #decode(): string {
    if (this.#text === undefined) {
      this.#text = this.#block?.toString("latin1", this.#begin, this.#end) ?? "";
      this.#block = undefined;
    }
    return this.#text;
  }
}
