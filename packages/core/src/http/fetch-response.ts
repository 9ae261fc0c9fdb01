// Sends a Response of the Fetch standard.
import process from "node:process";
import { shown } from "@connectum/hooks";
import { assertFits } from "../boundary/metadata.ts";
import type { HttpExchange } from "./http-exchange.ts";

/** Statuses whose responses have no body. */
const BODILESS = new Set([204, 205, 304]);
/** Those of them that have no `content-length` either. */
const WITHOUT_LENGTH = new Set([204, 205]);
/** `Headers` allows some of them, and HTTP none but the tab (RFC 9110, section 5.5). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
/** The most bytes, and chunks, that are gathered to see whether they are the whole body. */
const MAX_GATHERED_BYTES = 64 * 1024;
const MAX_GATHERED_CHUNKS = 8;
/** A larger chunk is sent in pieces, so that no more of it is held than the client has room for. */
const PIECE_BYTES = 64 * 1024;

/**
 * Whether a value is a `Response`. Those of a package count too: they have the same interface, and another class.
 */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Response || Object.prototype.toString.call(value) === "[object Response]";
}

/** Sends one response. */
export class FetchResponse {
  readonly #exchange: HttpExchange;
  readonly #response: Response;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes of the body that were sent. */
  #sent = 0;
  #hasStarted = false;

  constructor(exchange: HttpExchange, response: Response) {
    this.#exchange = exchange;
    this.#response = response;
  }

  /** Whether status and headers have been sent. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /**
   * Sends all of it; ends early when the exchange is over.
   *
   * @throws TypeError or RangeError for a response that cannot be sent; whatever its body fails with
   */
  async send(): Promise<void> {
    const { body, status } = this.#response;
    assertSendable(this.#response);
    const header = headerOf(this.#response.headers);
    assertFits(header);
    const length = declaredLength(this.#response.headers);
    if (this.#exchange.method === "HEAD" || BODILESS.has(status)) {
      // RFC 9110, sections 8.6 and 15.3.6: the length of a 304, and of a response to HEAD, is that of another response.
      this.#start(WITHOUT_LENGTH.has(status) ? withoutLength(header) : header);
      this.#exchange.finish([]);
      this.cancel("a response to HEAD, or with this status, has no body");
      return;
    }
    if (body === null) {
      this.#assertLength(length, 0);
      this.#start(withLength(header, length, 0));
      this.#exchange.finish([]);
      return;
    }
    this.#reader = body.getReader();
    await this.#sendBody(this.#reader, header, length);
  }

  /** Tells the source of the body that nobody reads it any more. */
  cancel(reason: unknown): void {
    this.#cancelBody(reason).catch((error: unknown) => {
      // It is the reason if the body failed by itself, or rethrows it.
      if (error !== reason) this.#exchange.report(error);
    });
  }

  async #cancelBody(reason: unknown): Promise<void> {
    const { body } = this.#response;
    if (this.#reader !== undefined) await this.#reader.cancel(reason);
    else if (body !== null && !body.locked) await body.cancel(reason);
  }

  async #sendBody(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    header: string[],
    length: number | undefined,
  ): Promise<void> {
    const { chunks, size, rest } = await gather(reader);
    if (this.#exchange.isOver) return;
    const isComplete = rest === "end";
    if (isComplete) this.#assertLength(length, size);
    this.#start(isComplete ? withLength(header, length, size) : header);
    for (const chunk of chunks) await this.#write(chunk, length);
    let next = rest === "end" ? undefined : rest;
    while (next !== undefined && !this.#exchange.isOver) {
      const { done, value } = await next;
      if (this.#exchange.isOver) return;
      if (!done) await this.#write(bytesOf(value), length);
      next = done ? undefined : reader.read();
    }
    if (this.#exchange.isOver) return;
    this.#assertLength(length, this.#sent);
    this.#exchange.finish([]);
  }

  #start(header: string[]): void {
    this.#hasStarted = true;
    this.#exchange.respond(this.#response.status, header);
  }

  /** Sends bytes, and waits until there is room for more. */
  async #write(bytes: Uint8Array, length: number | undefined): Promise<void> {
    this.#sent += bytes.byteLength;
    if (length !== undefined && this.#sent > length) this.#assertLength(length, this.#sent);
    for (let at = 0; at < bytes.byteLength && !this.#exchange.isOver; at += PIECE_BYTES) {
      if (!this.#exchange.write(bytes.subarray(at, at + PIECE_BYTES))) await this.#exchange.writable();
    }
  }

  #assertLength(declared: number | undefined, actual: number): void {
    if (declared === undefined || declared === actual) return;
    const size = actual > declared ? "more" : `${actual} bytes`;
    throw new RangeError(`the header content-length of the Response is ${declared}, and its body has ${size}`);
  }
}

/** Chunks that were there at once. */
interface Gathered {
  readonly chunks: readonly Uint8Array[];
  /** Bytes of the chunks. */
  readonly size: number;
  /** What comes behind them: the end, or a read that has begun. */
  readonly rest: "end" | ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>;
}

/**
 * Reads what a body has at once. A text or JSON is complete then, so its length is known, and it leaves in one write. A
 * stream of events has nothing yet, and its headers must not wait for the first one.
 */
async function gather(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Gathered> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // All reads that need no other event are done before it.
  const tick = afterPromises();
  for (;;) {
    const rest = reader.read();
    const result = await Promise.race([rest, tick]);
    if (result === undefined) return { chunks, size, rest };
    if (result.done) return { chunks, size, rest: "end" };
    // Only now, as the end may follow right behind them.
    if (size >= MAX_GATHERED_BYTES || chunks.length >= MAX_GATHERED_CHUNKS) return { chunks, size, rest };
    const bytes = bytesOf(result.value);
    chunks.push(bytes);
    size += bytes.byteLength;
  }
}

/** Resolves when all promises have run that can run now, and before any other event. */
function afterPromises(): Promise<undefined> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** @throws TypeError for a response that has no status, or whose body somebody else reads */
function assertSendable({ status, bodyUsed, body }: Response): void {
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    const what = status === 0 ? "0, as that of Response.error()" : String(status);
    throw new TypeError(`a Response must have a status from 200 to 999, not ${what}`);
  }
  if (!bodyUsed && !body?.locked) return;
  throw new TypeError("the body of the Response was read already, or is being read. Return a new Response, or a clone");
}

/**
 * Name and value in turn, each cookie in a field of its own.
 *
 * @throws TypeError for a value that no field can carry
 */
function headerOf(headers: Headers): string[] {
  const header: string[] = [];
  for (const [name, value] of headers) if (name !== "set-cookie") header.push(name, value);
  for (const cookie of headers.getSetCookie()) header.push("set-cookie", cookie);
  for (let at = 1; at < header.length; at += 2) {
    if (!CONTROL.test(header[at] as string)) continue;
    throw new TypeError(
      `the header ${header[at - 1]} of the Response has a control character, which HTTP does not allow`,
    );
  }
  return header;
}

/**
 * The header `content-length`; undefined without one.
 *
 * @throws TypeError unless it is a number
 */
function declaredLength(headers: Headers): number | undefined {
  const value = headers.get("content-length");
  if (value === null) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new TypeError(`the header content-length of the Response must be a number of bytes, not ${shown(value)}`);
}

function withoutLength(header: readonly string[]): string[] {
  return header.filter((_, at) => header[at - (at % 2)] !== "content-length");
}

function withLength(header: string[], declared: number | undefined, length: number): string[] {
  return declared === undefined ? [...header, "content-length", String(length)] : header;
}

/** @throws TypeError for a chunk that is no bytes (Fetch, section 2.2.4) */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  // Not the text itself: it may be of somebody else's response.
  const what = typeof chunk === "string" ? "a string. Use new TextEncoder(), or a TextEncoderStream" : shown(chunk);
  throw new TypeError(`a chunk of the body of the Response must be a Uint8Array, not ${what}`);
}
