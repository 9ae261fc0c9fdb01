// How handlers see a client that cancels or disconnects.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcJsClient } from "@grpc/grpc-js";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { eventually } from "./support/eventually.ts";
import { openCall, SERVICE, sessionTo } from "./support/grpc-session.ts";
import { DATA, dial, END_STREAM, frame, headersFrame, PREFACE, resetFrame } from "./support/http2-frames.ts";
import { serveEcho } from "./support/serve-echo.ts";

/** One empty message. */
const ENVELOPE = Buffer.alloc(5);

const isCanceled = (reason: unknown) => reason instanceof ConnectError && reason.code === Code.Canceled;

/** Handlers that wait until their signal aborts, and record what happens to them. */
function waiting() {
  const seen = { begun: 0, reasons: [] as unknown[], finallyRan: 0 };
  const wait = (context: HandlerContext) => {
    seen.begun += 1;
    return new Promise<never>((_, reject) => {
      context.signal.addEventListener("abort", () => {
        seen.reasons.push(context.signal.reason);
        reject(context.signal.reason);
      });
    });
  };
  const implementation: Partial<ServiceImpl<typeof EchoService>> = {
    echo: (_, context) => wait(context),
    async *echoServerStream(_, context) {
      try {
        yield { text: "first" };
        await wait(context);
      } finally {
        seen.finallyRan += 1;
      }
    },
  };
  return { seen, implementation };
}

const transports = {
  "connect-node, gRPC": (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "connect-node, gRPC-Web over HTTP/1.1": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "connect-node, Connect over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "connect-node, Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
};

for (const [name, transport] of Object.entries(transports)) {
  test(`${name}: a cancel aborts the signal and runs the generator's finally`, { timeout: 15_000 }, async (t) => {
    const { seen, implementation } = waiting();
    const { url } = await serveEcho(t, implementation);
    const client = createClient(EchoService, transport(url));

    const unary = new AbortController();
    const response = client.echo({}, { signal: unary.signal });
    await eventually(() => seen.begun === 1, "the unary handler begins");
    unary.abort();
    await assert.rejects(response, { code: Code.Canceled });
    await eventually(() => seen.reasons.length === 1, "the unary signal aborts");

    const stream = new AbortController();
    await assert.rejects(async () => {
      for await (const { text } of client.echoServerStream({}, { signal: stream.signal })) {
        assert.equal(text, "first");
        await eventually(() => seen.begun === 2, "the generator continues");
        stream.abort();
      }
    });
    await eventually(() => seen.finallyRan === 1, "finally runs");
    assert.equal(seen.reasons.length, 2);
    assert.ok(seen.reasons.every(isCanceled), `${seen.reasons}`);
  });
}

test("grpc-js: a cancel aborts the signal of a unary call and of a stream", { timeout: 15_000 }, async (t) => {
  const { seen, implementation } = waiting();
  const { port } = await serveEcho(t, implementation);
  const client = new GrpcJsClient(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(() => client.close());
  const bytes = (buffer: Buffer) => buffer;

  const call = client.makeUnaryRequest(`${SERVICE}/Echo`, bytes, bytes, Buffer.alloc(0), () => {});
  await eventually(() => seen.begun === 1, "the handler begins");
  call.cancel();
  await eventually(() => seen.reasons.length === 1, "the signal aborts");

  const stream = client.makeServerStreamRequest(`${SERVICE}/EchoServerStream`, bytes, bytes, Buffer.alloc(0));
  stream.on("error", () => {});
  await once(stream, "data");
  await eventually(() => seen.begun === 2, "the generator continues");
  stream.cancel();
  await eventually(() => seen.finallyRan === 1, "finally runs");
  assert.ok(seen.reasons.every(isCanceled), `${seen.reasons}`);
});

for (const [name, code] of [
  ["CANCEL", constants.NGHTTP2_CANCEL],
  ["NO_ERROR", constants.NGHTTP2_NO_ERROR],
  ["INTERNAL_ERROR", constants.NGHTTP2_INTERNAL_ERROR],
] as const) {
  // contract: DEC-reset
  test(`a reset (${name}) without END_STREAM throws canceled from the handler's loop`, {
    timeout: 10_000,
  }, async (t) => {
    const seen = { messages: 0, thrown: undefined as unknown, ended: false };
    const { port } = await serveEcho(t, {
      async echoClientStream(requests) {
        try {
          for await (const _ of requests) seen.messages += 1;
          seen.ended = true;
        } catch (error) {
          seen.thrown = error;
          throw error;
        }
        return {};
      },
    });
    // Raw frames, because node:http2 ends a stream before it resets it.
    const socket = await dial(t, port);
    socket.write(Buffer.concat([PREFACE, headersFrame(1, "EchoClientStream"), frame(0, 0, 1, ENVELOPE)]));
    await eventually(() => seen.messages === 1, "the first message arrives");
    socket.write(resetFrame(1, code));
    await eventually(() => seen.thrown !== undefined || seen.ended, "the loop ends");
    assert.equal(seen.ended, false, "a reset is no clean end");
    assert.ok(isCanceled(seen.thrown), `${seen.thrown}`);
  });
}

// contract: DEC-reset-after-end
test("after END_STREAM the loop ends normally, and a reset aborts the signal", {
  timeout: 10_000,
}, async (t) => {
  const seen = { ended: false, reason: undefined as unknown };
  const { url } = await serveEcho(t, {
    async echoClientStream(requests, { signal }) {
      for await (const _ of requests);
      seen.ended = true;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      seen.reason = signal.reason;
      return {};
    },
  });
  const stream = openCall(sessionTo(t, url), "EchoClientStream");
  stream.end(ENVELOPE);
  await eventually(() => seen.ended, "the loop ends");
  stream.close(constants.NGHTTP2_CANCEL);
  await eventually(() => seen.reason !== undefined, "the signal aborts");
  assert.ok(isCanceled(seen.reason), `${seen.reason}`);
});

test("a call that is reset while it waits for JavaScript never reaches its handler", { timeout: 15_000 }, async (t) => {
  let begun = 0;
  const { port } = await serveEcho(t, {
    echo: () => {
      begun += 1;
      return {};
    },
  });
  // Raw frames, since no client can send while this thread is busy: a request, its reset, another request.
  const socket = await dial(t, port);
  const call = (stream: number) => [headersFrame(stream, "Echo"), frame(DATA, END_STREAM, stream, ENVELOPE)];
  socket.write(Buffer.concat([PREFACE, ...call(1), resetFrame(1, constants.NGHTTP2_CANCEL), ...call(3)]));
  blockEventLoop(500);
  await eventually(() => begun > 0, "the other call is served");
  await sleep(100); // Long enough for the first one to come, if it did.
  assert.equal(begun, 1);
});

for (const name of ["HTTP/1.1", "HTTP/2"] as const) {
  test(`${name}: a connection that ends half-way through a request releases the handler`, {
    timeout: 10_000,
  }, async (t) => {
    const seen = { messages: 0, thrown: undefined as unknown };
    const { port, url } = await serveEcho(t, {
      async echoClientStream(requests) {
        try {
          for await (const _ of requests) seen.messages += 1;
        } catch (error) {
          seen.thrown = error;
          throw error;
        }
        return {};
      },
    });
    if (name === "HTTP/2") {
      const http2 = connect(url);
      http2.on("error", () => {});
      const stream = openCall(http2, "EchoClientStream");
      stream.write(ENVELOPE);
      await eventually(() => seen.messages === 1, "the first message arrives");
      http2.destroy();
    } else {
      const socket = await dial(t, port);
      const head = [
        `POST ${SERVICE}/EchoClientStream HTTP/1.1`,
        "host: localhost",
        "content-type: application/connect+proto",
        "transfer-encoding: chunked",
      ];
      socket.write(`${head.join("\r\n")}\r\n\r\n5\r\n\0\0\0\0\0\r\n`);
      await eventually(() => seen.messages === 1, "the first message arrives");
      socket.destroy();
    }
    await eventually(() => seen.thrown !== undefined, "the loop ends");
    assert.ok(isCanceled(seen.thrown), `${seen.thrown}`);
  });
}
