// Bidi streams over HTTP/1.1: messages go both ways while the request is open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { exchangeHttp1 } from "./support/raw-http1.ts";
import { serveEcho } from "./support/serve-echo.ts";

const transports = { Connect: createConnectTransport, "gRPC-Web": createGrpcWebTransport };
const echo = {
  async *echoBidiStream(requests: AsyncIterable<{ text: string }>) {
    for await (const { text } of requests) yield { text: `${text}!` };
  },
};

for (const [name, createTransport] of Object.entries(transports)) {
  for (const secure of [false, true]) {
    // contract: DEC-bidi-http1
    test(`${name}${secure ? " through TLS" : ""}: each message is answered before the next is sent`, {
      timeout: 10_000,
    }, async (t) => {
      const tls = secure ? { tls: identity("server"), transportValidation: "off" as const } : {};
      const { port } = await serveEcho(t, echo, tls);
      const transport = createTransport({
        baseUrl: `${secure ? "https" : "http"}://localhost:${port}`,
        httpVersion: "1.1",
        nodeOptions: secure ? { ca: certificate("ca.crt") } : {},
      });
      let answered = () => {};
      const order: string[] = [];
      async function* requests() {
        for (const text of ["a", "b", "c"]) {
          order.push(text);
          const answer = new Promise<void>((resolve) => {
            answered = resolve;
          });
          yield { text };
          await answer;
        }
      }
      for await (const { text } of createClient(EchoService, transport).echoBidiStream(requests())) {
        order.push(text);
        answered();
      }
      assert.deepEqual(order, ["a", "a!", "b", "b!", "c", "c!"]);
    });
  }
}

// contract: DEC-bidi-http1
test("a client that sends all before it reads gets its answers then", { timeout: 10_000 }, async (t) => {
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
  const { status, body: answer, end } = await exchangeHttp1(port, request);
  assert.deepEqual([status, end], [200, "complete"]);
  assert.equal(answer.toString("latin1").split("a!").length - 1, 3);
});
