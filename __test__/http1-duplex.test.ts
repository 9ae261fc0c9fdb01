// Bidi streams over HTTP/1.1: messages flow in both directions at once, if the client supports that.
import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { COMPRESSED, END_STREAM, envelope, splitEnvelopes, TRAILERS } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import { SERVICE } from "./support/grpc-session.ts";
import { exchangeHttp1 } from "./support/raw-http1.ts";
import { serveEcho } from "./support/serve-echo.ts";

const ROUNDS = 5;

for (const contentType of ["application/grpc", "application/grpc-web", "application/connect+proto"]) {
  // contract: DEC-bidi-http1
  test(`${contentType}: each message gets a response before the next is sent`, { timeout: 10_000 }, async (t) => {
    let received = 0;
    const { port } = await serveEcho(t, {
      async *echoBidiStream(requests) {
        for await (const { text } of requests) {
          received += 1;
          yield { text };
        }
      },
    });
    let body = Buffer.alloc(0);
    let response: IncomingMessage | undefined;
    const call = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: `${SERVICE}/EchoBidiStream`,
      headers: { "content-type": contentType, te: "trailers" },
    });
    t.after(() => call.destroy());
    call.on("response", (incoming) => {
      response = incoming;
      incoming.on("data", (bytes) => {
        body = Buffer.concat([body, bytes]);
      });
    });
    const texts = () =>
      splitEnvelopes(body)
        .envelopes.filter(({ flags }) => (flags & ~COMPRESSED) === 0)
        .map(({ data }) => Buffer.from(data).toString("latin1", 2));
    for (let round = 0; round < ROUNDS; round += 1) {
      assert.equal(received, round);
      call.write(envelope(Buffer.from([0x0a, 1, 0x61 + round])));
      await eventually(() => texts().length === round + 1, `message ${round} is answered`);
    }
    call.end();
    await eventually(() => response?.complete === true, "the response ends");
    assert.deepEqual(texts(), ["a", "b", "c", "d", "e"]);
    const last = splitEnvelopes(body).envelopes.at(-1);
    const ends = {
      "application/grpc": () => response?.trailers["grpc-status"] === "0",
      "application/grpc-web": () => last?.flags === TRAILERS && `${Buffer.from(last.data)}`.includes("grpc-status: 0"),
      "application/connect+proto": () => last?.flags === END_STREAM && `${Buffer.from(last.data)}` === "{}",
    };
    assert.ok(ends[contentType as keyof typeof ends](), "and ends well");
  });
}

const transports = { Connect: createConnectTransport, "gRPC-Web": createGrpcWebTransport };
const echo = {
  async *echoBidiStream(requests: AsyncIterable<{ text: string }>) {
    for await (const { text } of requests) yield { text: `${text}!` };
  },
};

for (const [name, createTransport] of Object.entries(transports)) {
  // contract: DEC-bidi-http1
  test(`${name} through TLS: each message gets a response before the next is sent`, { timeout: 10_000 }, async (t) => {
    const { port } = await serveEcho(t, echo, { tls: identity("server"), transportValidation: "off" });
    const transport = createTransport({
      baseUrl: `https://localhost:${port}`,
      httpVersion: "1.1",
      nodeOptions: { ca: certificate("ca.crt") },
    });
    let arrival = deferred();
    const order: string[] = [];
    async function* requests() {
      for (const text of ["a", "b", "c"]) {
        order.push(text);
        arrival = deferred();
        yield { text };
        await arrival.promise;
      }
    }
    for await (const { text } of createClient(EchoService, transport).echoBidiStream(requests())) {
      order.push(text);
      arrival.resolve();
    }
    assert.deepEqual(order, ["a", "a!", "b", "b!", "c", "c!"]);
  });
}

// contract: DEC-bidi-http1
test("a client that sends everything before it reads gets all responses afterwards", { timeout: 10_000 }, async (t) => {
  const { port } = await serveEcho(t, echo);
  const one = Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x61]);
  const body = Buffer.concat([one, one, one]);
  const head = [
    "POST /connectum.test.v1.EchoService/EchoBidiStream HTTP/1.1",
    "host: localhost",
    "content-type: application/connect+proto",
    `content-length: ${body.length}`,
  ];
  const request = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
  const { status, body: response, end } = await exchangeHttp1(port, request);
  assert.deepEqual([status, end], [200, "complete"]);
  assert.equal(response.toString("latin1").split("a!").length - 1, 3);
});
