// Test servers, over sockets of loopback.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { defineService, type Server } from "@connectum/core";
import {
  assertConnectError,
  type CreateTestServerOptions,
  createTestServer,
  type TestServer,
  withTestServer,
} from "@connectum/testing";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const asked = async (requests: AsyncIterable<{ text: string }>) => {
  const texts: string[] = [];
  for await (const { text } of requests) texts.push(text);
  return texts.join();
};

const echo = defineService(EchoService, {
  echo: ({ text }, { protocolName, peer }) => ({ text: `${text} ${protocolName} ${peer.httpVersion}` }),
  echoGet: ({ text }) => ({ text }),
  async *echoServerStream({ text, count }) {
    for (let index = 0; index < count; index += 1) yield { text, index };
  },
  echoClientStream: async (requests) => ({ text: await asked(requests) }),
  async *echoBidiStream(requests) {
    for await (const { text } of requests) yield { text };
  },
});
const services = [echo];

const call = ({ transport }: TestServer, text = "a") => createClient(EchoService, transport).echo({ text });

// contract: TS-1, TS-2, TS-3, TS-4
test("by default the transport is gRPC over HTTP/2 in the clear, to a free port", async () => {
  const server = await createTestServer({ services });
  try {
    assert.equal((await call(server)).text, "a grpc 2.0");
    assert.ok(server.port > 0);
    assert.equal(server.baseUrl, `http://localhost:${server.port}`);
  } finally {
    await server.close();
  }
});

const cases: readonly CreateTestServerOptions[] = [
  { services, protocol: "grpc", httpVersion: "2" },
  { services, protocol: "grpc-web", httpVersion: "2" },
  { services, protocol: "connect", httpVersion: "2" },
  { services, protocol: "grpc-web", httpVersion: "1.1" },
  { services, protocol: "connect", httpVersion: "1.1" },
];
for (const options of cases) {
  const { protocol, httpVersion } = options;

  test(`${protocol} over HTTP/${httpVersion}: all kinds of calls`, async () => {
    await withTestServer(options, async (server) => {
      const client = createClient(EchoService, server.transport);
      const version = httpVersion === "2" ? "2.0" : "1.1";
      assert.equal((await call(server)).text, `a ${protocol} ${version}`);
      const indexes: number[] = [];
      for await (const { index } of client.echoServerStream({ text: "a", count: 3 })) indexes.push(index);
      assert.deepEqual(indexes, [0, 1, 2]);
      assert.equal((await client.echoClientStream(texts("a", "b"))).text, "a,b");
      assert.equal(await asked(client.echoBidiStream(texts("c", "d"))), "c,d");
    });
  });
}

async function* texts(...all: string[]) {
  for (const text of all) yield { text };
}

// contract: TS-1, TS-3
test("interceptors of the server and of the client are around calls, and protocols are mounted", async () => {
  const order: string[] = [];
  const noting =
    (name: string): Interceptor =>
    (next) =>
    (request) => {
      order.push(name);
      return next(request);
    };
  const httpHandler = (_: unknown, response: { end(text: string): unknown }) => {
    response.end("hello");
    return true;
  };
  const options = {
    services,
    interceptors: [noting("server")],
    clientInterceptors: [noting("client 1"), noting("client 2")],
    protocols: [{ name: "page", register() {}, httpHandler }],
  };
  await withTestServer(options, async (server) => {
    await call(server);
    assert.deepEqual(order, ["client 1", "client 2", "server"]);
    // HTTP/1.1, too.
    assert.equal(await (await fetch(`${server.baseUrl.replace("localhost", "127.0.0.1")}/page`)).text(), "hello");
  });
});

// contract: TS-10
test("the server is there, and has the other options", async () => {
  await withTestServer({ services, serverOptions: { readMaxBytes: 10 } }, async (server) => {
    assert.equal(server.server.isRunning, true);
    assert.equal(server.server.address?.port, server.port);
    const error = await call(server, "a text that is too long").catch((thrown: unknown) => thrown);
    assertConnectError(error, Code.ResourceExhausted);
  });
});

test("beforeStart gets the server before it starts; what it throws rejects", async () => {
  const states: string[] = [];
  const order: string[] = [];
  const noting: Interceptor = (next) => (request) => {
    order.push("added");
    return next(request);
  };
  const beforeStart = async (server: Server) => {
    states.push(server.state);
    server.addInterceptor(noting);
  };
  await withTestServer({ services, beforeStart }, (server) => call(server));
  assert.deepEqual([states, order], [["created"], ["added"]]);
  const failing = createTestServer({ services, beforeStart: () => Promise.reject(new RangeError("no")) });
  await assert.rejects(failing, { name: "RangeError", message: "no" });
});

// contract: TS-8
test("when it rejects, no server is left, whatever beforeStart has done", async () => {
  for (const [after, message] of [
    [() => {}, "createTestServer: beforeStart must not start or stop the server, which is running"],
    [() => Promise.reject(new RangeError("no")), "no"],
  ] as const) {
    let started: Server | undefined;
    const beforeStart = async (server: Server) => {
      started = server;
      await server.start();
      await after();
    };
    await assert.rejects(createTestServer({ services, beforeStart }), { message });
    assert.equal(started?.state, "stopped");
  }
});

test("without options it says what it needs", async () => {
  await assert.rejects(Reflect.apply(createTestServer, undefined, []), {
    name: "TypeError",
    message: "createTestServer: the options are missing: { services }",
  });
  await assert.rejects(Reflect.apply(withTestServer, undefined, [undefined, () => {}]), {
    name: "TypeError",
    message: "createTestServer: the options are missing: { services }",
  });
});

// contract: TS-5
test("it stops when it is closed, once; then calls fail", async () => {
  const server = await createTestServer({ services });
  await call(server);
  await server.close();
  await server.close();
  assert.equal(server.server.state, "stopped");
  await assert.rejects(call(server), ConnectError);
});

// contract: TS-5
test("one that something else has stopped can be closed", async () => {
  const server = await createTestServer({ services });
  await server.server.stop();
  await server.close();
  assert.equal(server.server.state, "stopped");
});

test("closing cancels the calls of the transport, and waits for none", async () => {
  const seen: HandlerContext[] = [];
  const hold = defineService(EchoService, {
    ...echoes,
    echo: (_, context) => {
      seen.push(context);
      return new Promise<never>((_, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    },
  });
  const server = await createTestServer({ services: [hold] });
  const failed = assert.rejects(call(server), ConnectError);
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  await failed;
  assert.equal(seen[0]?.signal.aborted, true);
});

const echoes = {
  echoGet: () => ({}),
  async *echoServerStream() {},
  echoClientStream: async () => ({}),
  async *echoBidiStream() {},
};

// contract: TS-6, TS-8
test("a server that cannot start rejects, and the function is not called", async () => {
  await withTestServer({ services }, async ({ port }) => {
    let isCalled = false;
    const failing = withTestServer({ services, port }, async () => {
      isCalled = true;
    });
    await assert.rejects(failing, { code: "EADDRINUSE" });
    assert.equal(isCalled, false);
  });
});

// contract: TS-7
test("withTestServer resolves to what the function does, and closes in any case", async () => {
  let used: TestServer | undefined;
  const result = await withTestServer({ services }, async (server) => {
    used = server;
    return 7;
  });
  assert.deepEqual([result, used?.server.state], [7, "stopped"]);
  const failing = withTestServer({ services }, async (server) => {
    used = server;
    throw new RangeError("no");
  });
  await assert.rejects(failing, { name: "RangeError", message: "no" });
  assert.equal(used?.server.state, "stopped");
});

// contract: TS-9
test("several servers run at once", async () => {
  await withTestServer({ services }, (one) =>
    withTestServer({ services, protocol: "connect" }, async (other) => {
      assert.notEqual(one.port, other.port);
      assert.deepEqual([(await call(one)).text, (await call(other)).text], ["a grpc 2.0", "a connect 2.0"]);
    }),
  );
});

// contract: TS-close
test("`await using` closes it", async () => {
  let used: TestServer | undefined;
  {
    await using server = await createTestServer({ services });
    used = server;
    assert.equal(server.server.isRunning, true);
  }
  assert.equal(used.server.state, "stopped");
});
