// Raw HTTP/1.1: any bytes can be sent, and everything that is received is visible.
import { connect } from "node:net";

/** A header or trailer: names are in lower case, values are Latin-1. */
export type Field = readonly [name: string, value: string];

/** The response to a request, as far as it was received. */
export interface RawAnswer {
  /** Undefined when not even a head was received. */
  readonly status: number | undefined;
  readonly headers: readonly Field[];
  readonly body: Buffer;
  readonly trailers: readonly Field[];
  /** `complete`, `timeout`, `closed`, or for HTTP/2 `reset` with the name of the code. */
  readonly end: string;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Sent in this order; names may repeat. Values are Latin-1. */
  readonly headers: readonly Field[];
  readonly body?: Uint8Array;
}

/** A request as bytes. Only `content-length` is added, if there is a body without a declared length. */
export function http1Request({ method, target, headers, body }: RawRequest, version = "1.1"): Buffer {
  const isLengthKnown = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length: readonly Field[] =
    body === undefined || isLengthKnown ? [] : [["content-length", String(body.byteLength)]];
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body ?? Buffer.alloc(0)]);
}

/** A body in the chunked transfer coding. */
export function chunked(...pieces: readonly Uint8Array[]): Buffer {
  const chunks = pieces.map((piece) =>
    Buffer.concat([Buffer.from(`${piece.byteLength.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
  );
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

export interface ExchangeOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** Whether the client half-closes the connection after the request. Default false. */
  readonly hangUp?: boolean;
}

/** Sends `bytes` on a new connection, and waits for one response. Never rejects. */
export function exchangeHttp1(port: number, bytes: Uint8Array, options: ExchangeOptions = {}): Promise<RawAnswer> {
  const { timeoutMs = 5_000, hangUp = false } = options;
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => finish("timeout"), timeoutMs);
    const finish = (end: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(readAnswer(received, end));
    };
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (readAnswer(received, "").end === "complete") finish("complete");
    });
    socket.once("close", () => finish("closed"));
    // "close" follows. A reset counts as a close: the kernel decides which of them happens.
    socket.once("error", () => {});
    socket.write(bytes);
    if (hangUp) socket.end();
  });
}

/** The response as far as it was received; `end` if it is incomplete. */
function readAnswer(received: Buffer, end: string): RawAnswer {
  const nothing: RawAnswer = { status: undefined, headers: [], body: Buffer.alloc(0), trailers: [], end };
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return nothing;
  const rest = received.subarray(headEnd + 4);
  const [statusLine = "", ...lines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) return { ...nothing, body: received, end: `no HTTP/1: ${statusLine}` };
  // An interim response, such as 100 Continue: the final one follows.
  if (status < 200) return readAnswer(rest, end);

  const head = { ...nothing, status, headers: lines.map(fieldOf) };
  const value = (name: string) => head.headers.find(([candidate]) => candidate === name)?.[1];
  if (value("transfer-encoding") === "chunked") return { ...head, ...readChunked(rest, end) };
  const length = status === 204 || status === 304 ? "0" : value("content-length");
  if (length !== undefined) {
    const isThere = rest.length >= Number(length);
    return { ...head, body: rest.subarray(0, Number(length)), end: isThere ? "complete" : end };
  }
  // No length: the body ends with the connection.
  return { ...head, body: rest, end: end === "closed" ? "complete" : end };
}

function readChunked(bytes: Buffer, end: string): Pick<RawAnswer, "body" | "trailers" | "end"> {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    if (size > 0 && bytes.length >= start + size + 2) {
      pieces.push(bytes.subarray(start, start + size));
      at = start + size + 2;
      continue;
    }
    const body = Buffer.concat(pieces);
    const trailerEnd = size === 0 ? bytes.indexOf("\r\n\r\n", lineEnd) : -1;
    if (trailerEnd === -1) return { body, trailers: [], end };
    const block = bytes.toString("latin1", start, Math.max(start, trailerEnd));
    return { body, trailers: block === "" ? [] : block.split("\r\n").map(fieldOf), end: "complete" };
  }
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
