// The end of an HTTP/1.1 request. A proxy that disagrees about it would let one client send requests as another, so
// an ambiguous request is rejected, and its connection closed (RFC 9112 section 11.2).
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { eventually } from "./support/eventually.ts";
import { SERVICE } from "./support/grpc-session.ts";
import { dial } from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

const POST = `POST ${SERVICE}/Echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`;
const GET = `GET ${SERVICE}/EchoGet?encoding=json&message=%7B%7D HTTP/1.1\r\nhost: a\r\n`;
const CHUNKED = "transfer-encoding: chunked\r\n\r\n";
const CHUNKS = "2\r\n{}\r\n0\r\n\r\n";
const NEXT = `${POST}content-length: 15\r\n\r\n{"text":"next"}`;
const MIB = "a".repeat(1024 * 1024);

/** Requests with an unambiguous end, and their status. */
const unambiguous: Record<string, [number, string]> = {
  "a length": [200, `${POST}content-length: 2\r\n\r\n{}`],
  "the same length twice": [200, `${POST}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`],
  chunks: [200, `${POST}${CHUNKED}${CHUNKS}`],
  "chunks with extensions": [200, `${POST}${CHUNKED}2;a=b\r\n{}\r\n0;c\r\n\r\n`],
  "trailers that look like framing": [200, `${POST}${CHUNKED}2\r\n{}\r\n0\r\ncontent-length: 99\r\n\r\n`],
  "a GET with a length": [200, `${GET}content-length: 5\r\n\r\nhello`],
  "a GET with chunks": [200, `${GET}${CHUNKED}5\r\nhello\r\n0\r\n\r\n`],
  "an offer of h2c": [200, `${POST}connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\n{}`],
  "an offer of another protocol": [405, `${GET.replace("Get", "")}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
  "a body of an unsupported type": [415, `${POST.replace("json", "xml")}content-length: 4\r\n\r\n<a/>`],
  "a body for an unknown path": [404, `${POST.replace("Echo HTTP", "Ohce HTTP")}content-length: 2\r\n\r\n{}`],
  "a body sent without waiting for 100 Continue": [200, `${POST}expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}`],
};

/** Requests whose end is ambiguous or missing. */
const ambiguous: Record<string, string> = {
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

const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.[01] ([2-5]\d\d)/g)].map(([, status]) => Number(status));

async function scene(t: Parameters<typeof serveEcho>[0]) {
  const seen: string[] = [];
  const { port } = await serveEcho(t, {
    echo({ text }) {
      seen.push(text);
      return { text };
    },
    echoGet: () => ({}),
  });
  const socket = await dial(t, port);
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  return { seen, socket, statuses: () => statusesIn(received) };
}

for (const [what, [status, request]] of Object.entries(unambiguous)) {
  test(`a request with ${what} is followed by the next one`, { timeout: 10_000 }, async (t) => {
    const { seen, socket, statuses } = await scene(t);
    socket.write(Buffer.from(request + NEXT, "latin1"));
    await eventually(() => statuses().length === 2, "both are answered");
    assert.deepEqual(statuses(), [status, 200]);
    assert.equal(seen.at(-1), "next");
  });
}

for (const [what, request] of Object.entries(ambiguous)) {
  test(`a request with ${what} is the last of its connection`, { timeout: 10_000 }, async (t) => {
    const { seen, socket, statuses } = await scene(t);
    const closed = once(socket, "close");
    socket.write(Buffer.from(request + NEXT, "latin1"));
    await closed;
    assert.ok(!seen.includes("next"), "the following bytes are not a request");
    assert.ok(statuses().length <= 1, `${statuses()}`);
  });
}
