// The end of an HTTP/1.1 request. A proxy that disagrees about it would let one client send requests as another, so
// an ambiguous request is rejected, and its connection closed (RFC 9112 section 11.2).
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { ambiguousRequests, CHUNKED, CHUNKS, NEXT, POST, statusesIn } from "./support/ambiguous-requests.ts";
import { eventually } from "./support/eventually.ts";
import { SERVICE } from "./support/grpc-session.ts";
import { dial } from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

const GET = `GET ${SERVICE}/EchoGet?encoding=json&message=%7B%7D HTTP/1.1\r\nhost: a\r\n`;

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

for (const [what, request] of Object.entries(ambiguousRequests)) {
  test(`a request with ${what} is the last of its connection`, { timeout: 10_000 }, async (t) => {
    const { seen, socket, statuses } = await scene(t);
    const closed = once(socket, "close");
    socket.write(Buffer.from(request + NEXT, "latin1"));
    await closed;
    assert.ok(!seen.includes("next"), "the following bytes are not a request");
    assert.ok(statuses().length <= 1, `${statuses()}`);
  });
}
