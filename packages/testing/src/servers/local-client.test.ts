// Clients in process, of servers that do not listen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type Interceptor } from "@connectrpc/connect";
import { createServer, type Server } from "@connectum/core";
import { assertConnectError, createLocalClient } from "@connectum/testing";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

// contract: LC-1, LC-2, LC-3, TG-SEED-1
test("a call reaches the handler of a server that is not started, through its interceptors", async () => {
  const seen: unknown[] = [];
  const look: Interceptor = (next) => (request) => {
    const { url, header } = request;
    seen.push(new URL(url).origin, header.get("connectum-internal-transport"));
    return next(request);
  };
  const server = createServer({
    services: [({ service }) => service(EchoService, { echo: ({ text }) => ({ text: `${text}!` }) })],
    interceptors: [look],
  });
  const client = createLocalClient(server, EchoService);
  assert.equal((await client.echo({ text: "a" })).text, "a!");
  assert.deepEqual(seen, ["https://in-memory", "in-process"]);
  assert.deepEqual([server.state, server.address], ["created", null]);
});

// contract: LC-4
test("a service that is not registered fails when it is called", async () => {
  const client = createLocalClient(createServer({ services: [] }), EchoService);
  const error = await client.echo({}).catch((thrown: unknown) => thrown);
  assertConnectError(error, Code.Unimplemented);
});

test("anything but a server is rejected", () => {
  const wrong: unknown = {};
  assert.throws(() => createLocalClient(wrong as Server, EchoService), {
    name: "TypeError",
    message: "createLocalClient: the server must be an object with the methods localClient: it has no localClient",
  });
});
