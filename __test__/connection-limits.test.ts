// The limits of connections, each set through createServer(). tests/connections.rs has what they do in detail.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, type Settings } from "node:http2";
import { connect as connectTcp } from "node:net";
import { type TestContext, test } from "node:test";
import type { CreateServerOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { echoAll } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { PREFACE } from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

const PATH = `/${EchoService.typeName}/Echo`;

function served(t: TestContext, options: Partial<CreateServerOptions>) {
  return serveEcho(t, echoAll, { shutdown: { timeout: 200 }, ...options });
}

/** Milliseconds until the server closes a connection on which `bytes` are sent. */
async function closedAfter(port: number, bytes: string | Buffer): Promise<number> {
  const socket = connectTcp(port, "127.0.0.1").resume();
  await once(socket, "connect");
  const sent = performance.now();
  socket.write(bytes);
  // The server may reset it.
  await new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  return performance.now() - sent;
}

function session(t: TestContext, url: string): ClientHttp2Session {
  const session = connect(url).on("error", () => {});
  t.after(() => session.destroy());
  return session;
}

async function statusOf(port: number, headers: Record<string, string> = {}): Promise<number> {
  const all = { "content-type": "application/json", connection: "close", ...headers };
  return (await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", headers: all, body: "{}" })).status;
}

const halfHead = `POST ${PATH} HTTP/1.1\r\nhost: a\r\n`;

/** What is sent on a connection that is closed after about 300 ms. */
const closing: [Partial<CreateServerOptions>, string | Buffer][] = [
  [{ detectionTimeout: 300 }, "P"],
  [{ headersTimeout: 300 }, halfHead],
  [{ http2Options: { unknownProtocolTimeout: 300 } }, "P"],
  // It answers no PING.
  [{ pingInterval: 150, pingTimeout: 150 }, PREFACE],
];

for (const [options, bytes] of closing) {
  test(`${JSON.stringify(options)}: the connection is closed`, { timeout: 10_000 }, async (t) => {
    const { port } = await served(t, options);
    const took = await closedAfter(port, bytes);
    assert.ok(took > 250 && took < 3_000, `${took} ms`);
  });
}

for (const options of [{ maxConnectionAge: 300 }, { maxConnectionIdle: 300 }]) {
  test(`${JSON.stringify(options)}: the client is sent GOAWAY`, { timeout: 10_000 }, async (t) => {
    const { url } = await served(t, options);
    const client = session(t, url);
    await once(client, "remoteSettings");
    const connected = performance.now();
    const [code] = await once(client, "goaway");
    const took = performance.now() - connected;
    assert.equal(code, 0);
    assert.ok(took > 200 && took < 3_000, `${took} ms`);
  });
}

test("maxConnectionRequests: the last response says that the connection closes", { timeout: 10_000 }, async (t) => {
  const { port } = await served(t, { maxConnectionRequests: 2 });
  const call = `${halfHead}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
  const socket = connectTcp(port, "127.0.0.1").setEncoding("utf8");
  const closed = once(socket, "close");
  let received = "";
  socket.on("data", (text: string) => {
    received += text;
  });
  for (const responses of [1, 2]) {
    socket.write(call);
    await eventually(() => received.split("HTTP/1.1 200").length > responses, "a response");
    assert.equal(/connection: close/.test(received), responses === 2);
  }
  await closed;
});

for (const options of [{ maxConnections: 1 }, { maxConnectionsPerAddress: 1 }]) {
  test(`${JSON.stringify(options)}: a second connection is closed at once`, { timeout: 10_000 }, async (t) => {
    const { url, port } = await served(t, options);
    await once(session(t, url), "remoteSettings");
    assert.ok((await closedAfter(port, halfHead)) < 3_000);
  });
}

test("requestTimeout: a client that stops within its request is told", { timeout: 10_000 }, async (t) => {
  const { url } = await served(t, { requestTimeout: 200 });
  const call = session(t, url).request({ ":method": "POST", ":path": PATH, "content-type": "application/json" });
  call.write("{");
  const [{ ":status": status }] = (await once(call, "response")) as [{ ":status": number }];
  assert.equal(status, 504);
  call.destroy();
});

test("responseTimeout: a client that takes nothing is left", { timeout: 10_000 }, async (t) => {
  const ended = deferred();
  const { port } = await serveEcho(
    t,
    {
      async *echoServerStream() {
        try {
          for (;;) yield { text: "x".repeat(10_000) };
        } finally {
          ended.resolve();
        }
      },
    },
    { responseTimeout: 300 },
  );
  const body = Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d]);
  const type = "content-type: application/connect+json";
  const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(`POST /${EchoService.typeName}/EchoServerStream HTTP/1.1\r\nhost: a\r\n${type}\r\n`);
  socket.write(`content-length: ${body.length}\r\n\r\n`);
  socket.write(body);
  await ended.promise;
});

test("maxHeaderBytes and maxHeaderFields: a larger head is 431", { timeout: 10_000 }, async (t) => {
  const { port } = await served(t, { maxHeaderBytes: 4_000, maxHeaderFields: 20 });
  assert.equal(await statusOf(port, { "x-a": "v".repeat(3_000) }), 200);
  assert.equal(await statusOf(port, { "x-a": "v".repeat(5_000) }), 431);
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`x-${index}`, "v"]));
  assert.equal(await statusOf(port, many), 431);
});

test("windows, frames and the table of header fields are in SETTINGS", { timeout: 10_000 }, async (t) => {
  const { url } = await served(t, {
    streamWindowBytes: 70_000,
    connectionWindowBytes: 100_000,
    maxFrameBytes: 20_000,
    headerTableBytes: 8_000,
    maxHeaderBytes: 9_000,
  });
  const client = session(t, url);
  const [settings] = (await once(client, "remoteSettings")) as [Settings];
  const { initialWindowSize, maxFrameSize, headerTableSize, maxHeaderListSize } = settings;
  assert.deepEqual(
    [initialWindowSize, maxFrameSize, headerTableSize, maxHeaderListSize],
    [70_000, 20_000, 8_000, 9_000],
  );
  await eventually(() => client.state.remoteWindowSize === 100_000, "the window of the connection");
});
