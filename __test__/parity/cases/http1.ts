// HTTP/1.x itself: heads and bodies that are right in an unusual way, or wrong.
import { chunked } from "../../support/raw-http1.ts";
import type { ParityTable } from "../parity-case.ts";
import { pathOf } from "../request.ts";

const path = pathOf("Echo");
const json = '{"text":"hello"}';
const type = "content-type: application/json\r\n";
const length = `content-length: ${json.length}\r\n`;
const host = "host: localhost\r\n";

/** A request as text; what follows the head is Latin-1 too. */
function raw(startLine: string, head: string, body: string | Uint8Array = json): ParityTable[string] {
  return { request: Buffer.concat([Buffer.from(`${startLine}\r\n${head}\r\n`, "latin1"), Buffer.from(body)]) };
}

const post = `POST ${path} HTTP/1.1`;
const bytes = Buffer.from(json);

const table: ParityTable = {
  "a chunked body": raw(
    post,
    `${host}${type}transfer-encoding: chunked\r\n`,
    chunked(bytes.subarray(0, 4), bytes.subarray(4)),
  ),
  "a chunked body with trailers": raw(
    post,
    `${host}${type}transfer-encoding: chunked\r\n`,
    `${json.length.toString(16)}\r\n${json}\r\n0\r\nx-a: 1\r\n\r\n`,
  ),
  "chunks of rubbish": raw(post, `${host}${type}transfer-encoding: chunked\r\n`, "zz\r\n"),
  "an unknown transfer coding": raw(post, `${host}${type}transfer-encoding: snappy\r\n`),
  "chunks in an unknown coding": raw(post, `${host}${type}transfer-encoding: snappy, chunked\r\n`, chunked(bytes)),
  "chunks of chunks": raw(
    post,
    `${host}${type}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n`,
    chunked(bytes),
  ),
  "chunks over HTTP/1.0": raw(`POST ${path} HTTP/1.0`, `${host}${type}transfer-encoding: chunked\r\n`, chunked(bytes)),
  "a body that stops half-way": { ...raw(post, `${host}${type}content-length: 100\r\n`), hangUp: true },
  "a chunked body that stops half-way": {
    ...raw(post, `${host}${type}transfer-encoding: chunked\r\n`, "20\r\n{}"),
    hangUp: true,
  },
  "a head that stops half-way": { ...raw(post, host, ""), request: Buffer.from(`${post}\r\n${host}`), hangUp: true },
  "a length and chunks": raw(post, `${host}${type}${length}transfer-encoding: chunked\r\n`, chunked(bytes)),
  "two lengths": raw(post, `${host}${type}${length}content-length: 3\r\n`),
  "a length that is no number": raw(post, `${host}${type}content-length: ten\r\n`),
  "no length": raw(post, `${host}${type}`, ""),
  "100-continue expected": raw(post, `${host}${type}${length}expect: 100-continue\r\n`),
  "something else expected": raw(post, `${host}${type}${length}expect: the unexpected\r\n`),
  "an upgrade to h2c": raw(
    post,
    `${host}${type}${length}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n`,
  ),
  "an upgrade to websocket": raw(`GET ${path} HTTP/1.1`, `${host}connection: upgrade\r\nupgrade: websocket\r\n`, ""),
  "the absolute form": raw(`POST http://localhost${path} HTTP/1.1`, `${host}${type}${length}`),
  "the asterisk form": raw("OPTIONS * HTTP/1.1", host, ""),
  "the authority form": raw("CONNECT localhost:80 HTTP/1.1", host, ""),
  "HTTP/1.0": raw(`POST ${path} HTTP/1.0`, `${host}${type}${length}`),
  "HTTP/1.0 without Host": raw(`POST ${path} HTTP/1.0`, `${type}${length}`),
  "HTTP/1.1 without Host": raw(post, `${type}${length}`),
  "two Hosts": raw(post, `${host}${host}${type}${length}`),
  "HTTP/1.2": raw(`POST ${path} HTTP/1.2`, `${host}${type}${length}`),
  "HTTP/3.0": raw(`POST ${path} HTTP/3.0`, `${host}${type}${length}`),
  "no version": raw(`POST ${path}`, `${host}${type}${length}`),
  "no HTTP at all": raw("hello", "", ""),
  "a verb nobody knows": raw(`BREW ${path} HTTP/1.1`, `${host}${type}${length}`),
  "a header without a name": raw(post, `${host}: a\r\n${type}${length}`),
  "a blank before the colon": raw(post, `${host}x-a : 1\r\n${type}${length}`),
  "a folded header": raw(post, `${host}x-a: 1\r\n 2\r\n${type}${length}`),
  "a NUL in a header": raw(post, `${host}x-a: 1\x002\r\n${type}${length}`),
  "line feeds alone": raw(post, `${host}${type}${length}`.replaceAll("\r\n", "\n")),
  "a blank in the path": raw(`POST ${path} a HTTP/1.1`, `${host}${type}${length}`),
  "a path beyond ASCII": raw("POST /\xe9 HTTP/1.1", `${host}${type}${length}`),
  "a head of 100 KiB": raw(post, `${host}x-a: ${"a".repeat(100 * 1024)}\r\n${type}${length}`),
  "a hundred and fifty headers": raw(post, `${host}${"x-a: 1\r\n".repeat(150)}${type}${length}`),
};

export default table;
