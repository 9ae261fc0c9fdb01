// One scenario over HTTP and in process.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { defineService, type Server } from "@connectum/core";
import {
  type ParityScenarioContext,
  runTransportParity,
  type TransportKind,
  transportParityTest,
} from "@connectum/testing/parity";
import { EchoResponseSchema, EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const services = [
  defineService(EchoService, {
    echo: ({ text }) => ({ text }),
    echoGet: () => ({}),
    async *echoServerStream() {},
    echoClientStream: async () => ({}),
    async *echoBidiStream() {},
  }),
];

const calling = async ({ transport }: ParityScenarioContext) => ({
  response: await createClient(EchoService, transport).echo({ text: "a" }),
});

// contract: PT-2, PT-3, PT-4, PT-8
test("first over HTTP, then in process, each with a server of its own; then both are compared", async () => {
  const order: string[] = [];
  const servers: Server[] = [];
  const noting =
    (name: string): Interceptor =>
    (next) =>
    (request) => {
      order.push(`${name} ${new URL(request.url).protocol}`);
      return next(request);
    };
  await runTransportParity({
    services,
    interceptors: [noting("server")],
    clientInterceptors: [noting("client")],
    async scenario(ctx) {
      order.push(`${ctx.transportKind} ${ctx.server.state} ${ctx.baseUrl?.replace(/\d+/, "port")}`);
      servers.push(ctx.server);
      return calling(ctx);
    },
    compare(http, local) {
      order.push("compare");
      assert.deepEqual([http, local], Array(2).fill({ response: create(EchoResponseSchema, { text: "a" }) }));
    },
  });
  assert.deepEqual(order, [
    ...["http running http://localhost:port", "client http:", "server http:"],
    ...["local created undefined", "client https:", "server https:", "compare"],
  ]);
  assert.notEqual(servers[0], servers[1]);
  assert.deepEqual(
    servers.map(({ state }) => state),
    ["stopped", "created"],
  );
});

// contract: PT-5
test("each run has collectors of its own, which interceptors get", async () => {
  const names: string[][] = [];
  await runTransportParity({
    services,
    interceptors: ({ spans, metrics }) => [
      (next) => async (request) => {
        const span = spans.provider.getTracer("test").startSpan(request.method.name);
        metrics.provider.getMeter("test").createCounter("calls").add(1);
        try {
          return await next(request);
        } finally {
          span.end();
        }
      },
    ],
    async scenario(ctx) {
      const result = await calling(ctx);
      const spans = ctx.spans.flush();
      const metrics = await ctx.metrics.flush();
      names.push([...spans, ...metrics].map(({ name }) => name));
      return { ...result, spans, metrics };
    },
  });
  assert.deepEqual(names, [
    ["Echo", "calls"],
    ["Echo", "calls"],
  ]);
});

// contract: PT-6, PT-7
test("a scenario that throws fails the run; the server is stopped, and nothing else runs", async () => {
  const kinds: TransportKind[] = [];
  let server: Server | undefined;
  const failing = runTransportParity({
    services,
    async scenario(ctx) {
      kinds.push(ctx.transportKind);
      server = ctx.server;
      throw new RangeError("no");
    },
    compare: () => assert.fail("nothing is compared"),
  });
  await assert.rejects(failing, { name: "RangeError", message: "no" });
  assert.deepEqual([kinds, server?.state], [["http"], "stopped"]);
});

test("a difference fails the run", async () => {
  const failing = runTransportParity({
    services,
    scenario: async ({ transportKind }) => ({ response: transportKind }),
  });
  await assert.rejects(failing, /^AssertionError.*response payload mismatch between HTTP and local transports/s);
});

// contract: PT-can-fail
test("a comparison may take its time, and fails the run when it rejects", async () => {
  const compare = async () => {
    await new Promise(setImmediate);
    throw new RangeError("too different");
  };
  await assert.rejects(runTransportParity({ services, scenario: calling, compare }), { message: "too different" });
});

// contract: PT-can-fail
test("a scenario must resolve to an object: two times nothing would be equal", async () => {
  const nothing = async () => undefined;
  for (const compare of [undefined, () => {}]) {
    await assert.rejects(Reflect.apply(runTransportParity, undefined, [{ services, scenario: nothing, compare }]), {
      name: "TypeError",
      message:
        "runTransportParity: the scenario must resolve to an object with what is compared, such as { response }, " +
        "not undefined",
    });
  }
  await runTransportParity({ services, scenario: async () => ({}) });
});

test("over HTTP it can speak Connect, too", async () => {
  const systems: string[] = [];
  await runTransportParity({
    services,
    protocol: "connect",
    interceptors: [
      (next) => (request) => {
        systems.push(request.header.get("content-type") ?? "");
        return next(request);
      },
    ],
    scenario: calling,
  });
  assert.deepEqual(systems, ["application/proto", "application/proto"]);
});

for (const [options, message] of [
  [undefined, "runTransportParity: the options are missing: { services, scenario }"],
  [null, "runTransportParity: the options must be an object, not null"],
  [{ services, scenario: 1 }, "runTransportParity: scenario must be a function, not number"],
  [
    { services, scenario: calling, interceptor: [] },
    'runTransportParity: there is no option "interceptor". Did you mean "interceptors"?',
  ],
  [
    { services, scenario: calling, interceptors: {} },
    "runTransportParity: interceptors must be an array, not an object",
  ],
  [{ services, scenario: calling, compare: {} }, "runTransportParity: compare must be a function, not an object"],
] as const) {
  test(`it rejects options that are wrong: ${message}`, async () => {
    await assert.rejects(Reflect.apply(runTransportParity, undefined, [options]), { name: "TypeError", message });
  });
}

for (const [given, message] of [
  [["greet"], "transportParityTest: the options are missing: { services, scenario }"],
  [
    [undefined, { services, scenario: calling }],
    "transportParityTest: the name of the test must be a string, not undefined",
  ],
] as const) {
  test(`no test is made without a name and options: ${message}`, () => {
    assert.throws(() => Reflect.apply(transportParityTest, undefined, [...given]), { name: "TypeError", message });
  });
}
