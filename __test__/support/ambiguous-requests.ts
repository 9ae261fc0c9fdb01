// Requests over HTTP/1.1 whose end is ambiguous or missing, and the one that would be smuggled behind them.
import { SERVICE } from "./grpc-session.ts";

/** The head of a call up to the fields that say where it ends. */
export const POST = `POST ${SERVICE}/Echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`;
export const CHUNKED = "transfer-encoding: chunked\r\n\r\n";
/** The body `{}`. */
export const CHUNKS = "2\r\n{}\r\n0\r\n\r\n";
/** A complete call, for behind another request. */
export const NEXT = `${POST}content-length: 15\r\n\r\n{"text":"next"}`;

const MIB = "a".repeat(1024 * 1024);

/** After each of these a server has to close the connection (RFC 9112 section 11.2). */
export const ambiguousRequests: Record<string, string> = {
  "a length and chunks": `${POST}content-length: 6\r\n${CHUNKED}${CHUNKS}`,
  "chunks and a length": `${POST}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n${CHUNKS}`,
  "a coding after chunked": `${POST}transfer-encoding: chunked, identity\r\n\r\n${CHUNKS}`,
  "a coding that is nearly chunked": `${POST}transfer-encoding: xchunked\r\ncontent-length: 2\r\n\r\n{}`,
  "a control character before chunked": `${POST}transfer-encoding: \x0bchunked\r\n\r\n${CHUNKS}`,
  "a blank before the colon": `${POST}transfer-encoding : chunked\r\n\r\n${CHUNKS}`,
  "a folded line": `${POST}transfer-encoding:\r\n chunked\r\n\r\n${CHUNKS}`,
  "two lengths": `${POST}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
  "a list of lengths": `${POST}content-length: 2, 2\r\n\r\n{}`,
  "a length with a sign": `${POST}content-length: +2\r\n\r\n{}`,
  "a negative length": `${POST}content-length: -2\r\n\r\n{}`,
  "a hexadecimal length": `${POST}content-length: 0x2\r\n\r\n{}`,
  "a length that overflows": `${POST}content-length: 18446744073709551618\r\n\r\n{}`,
  "a null in a header": `${POST}x-a: a\0b\r\ncontent-length: 2\r\n\r\n{}`,
  "a bare carriage return in a header": `${POST}x-a: a\rcontent-length: 2\r\n\r\n{}`,
  "a blank in a header's name": `${POST}x a: a\r\ncontent-length: 2\r\n\r\n{}`,
  "chunks in HTTP/1.0": `${POST.replace("HTTP/1.1", "HTTP/1.0")}${CHUNKED}${CHUNKS}`,
  "a chunk's size with a prefix": `${POST}${CHUNKED}0x2\r\n{}\r\n0\r\n\r\n`,
  "a negative size of a chunk": `${POST}${CHUNKED}-2\r\n{}\r\n0\r\n\r\n`,
  "a chunk's size that overflows": `${POST}${CHUNKED}10000000000000002\r\n{}\r\n0\r\n\r\n`,
  "a chunk's size that ends in a bare line feed": `${POST}${CHUNKED}2\n{}\r\n0\r\n\r\n`,
  "a chunk longer than its size": `${POST}${CHUNKED}2\r\n{}{}\r\n0\r\n\r\n`,
  "an extension of a megabyte": `${POST}${CHUNKED}2;${MIB}\r\n{}\r\n0\r\n\r\n`,
  "trailers of a megabyte": `${POST}${CHUNKED}2\r\n{}\r\n0\r\nx-a: ${MIB}\r\n\r\n`,
};

/** The statuses of the final responses in what was received. */
export const statusesIn = (received: string) =>
  [...received.matchAll(/HTTP\/1\.[01] ([2-5]\d\d)/g)].map(([, status]) => Number(status));
