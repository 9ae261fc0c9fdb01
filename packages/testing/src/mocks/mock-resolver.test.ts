// The resolver of mock services.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, createClient, type HandlerContext } from "@connectrpc/connect";
import { createServer, defineCatalog } from "@connectum/core";
import {
  assertConnectError,
  createMockContext,
  MOCK_RESPONSE_HEADER,
  mockResolver,
  mockService,
} from "@connectum/testing";
import { EchoResponseSchema, EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const { typeName } = EchoService;

function resolved(impl: Parameters<typeof mockService<typeof EchoService>>[1]) {
  const transport = mockResolver([mockService(EchoService, impl)])({ typeName });
  return createClient(EchoService, transport ?? assert.fail("there is a transport"));
}

// contract: MR-3
test("it has one transport for a mocked service, whatever the endpoint, and none for others", () => {
  const resolver = mockResolver([mockService(EchoService, {})]);
  const transport = resolver({ typeName });
  assert.ok(transport !== null);
  assert.equal(resolver({ typeName, endpoint: "other" }), transport);
  assert.equal(resolver({ typeName: "other.v1.Service" }), null);
});

// contract: MR-7
test("without mocks it has no transport", () => {
  assert.equal(mockResolver([])({ typeName }), null);
});

// contract: MR-2
test("two mocks of one service are an error", () => {
  const mock = mockService(EchoService, {});
  assert.throws(() => mockResolver([mock, mock]), {
    message: 'mockResolver: duplicate mock service "connectum.test.v1.EchoService"',
  });
});

// contract: MR-4
test("responses have the header of mocks, of unary calls and of streams; errors of unary calls have not", async () => {
  const client = resolved({
    echo: () => ({ text: "a" }),
    async *echoServerStream() {
      yield { text: "b" };
    },
    echoGet: () => Promise.reject(new Error("no")),
  });
  const marks: (string | null)[] = [];
  const onHeader = (header: Headers) => void marks.push(header.get(MOCK_RESPONSE_HEADER));
  await client.echo({}, { onHeader });
  for await (const { text } of client.echoServerStream({}, { onHeader })) assert.equal(text, "b");
  assert.deepEqual([MOCK_RESPONSE_HEADER, marks], ["x-connectum-mock", ["true", "true"]]);
  const error = await client.echoGet({}).catch((thrown: unknown) => thrown);
  assertConnectError(error, Code.Internal);
  assert.equal(error.metadata.get(MOCK_RESPONSE_HEADER), null);
});

// contract: MR-5
test("a method without a handler is unimplemented", async () => {
  const error = await resolved({})
    .echo({})
    .catch((thrown: unknown) => thrown);
  assertConnectError(error, Code.Unimplemented);
  assert.equal(error.message, "[unimplemented] connectum.test.v1.EchoService.Echo is not implemented");
});

// contract: MR-6
test("a handler gets the context of connect", async () => {
  let seen: HandlerContext | undefined;
  await resolved({
    echo: (_, context) => {
      seen = context;
      return {};
    },
  }).echo({}, { headers: { "x-a": "1" } });
  assert.deepEqual([seen?.method.name, seen?.requestHeader.get("x-a")], ["Echo", "1"]);
  assert.ok(seen !== undefined && !("call" in seen));
});

// contract: MR-8
test("a server takes it as its resolver; clients see the header, and ctx.call has the message alone", async () => {
  const mocks = [mockService(EchoService, { echo: ({ text }) => ({ text: `${text} mocked` }) })];
  const catalog = defineCatalog({ [typeName]: EchoService });
  const server = createServer({ services: [], catalog, remoteResolver: mockResolver(mocks) });
  const marks: (string | null)[] = [];
  const onHeader = (header: Headers) => void marks.push(header.get(MOCK_RESPONSE_HEADER));
  const { text } = await server.client(EchoService).echo({ text: "a" }, { onHeader });
  assert.deepEqual([text, marks], ["a mocked", ["true"]]);
  const call = createMockContext({ mocks }).call as unknown as (method: string, request: object) => Promise<object>;
  assert.deepEqual(await call(`${typeName}/Echo`, { text: "b" }), create(EchoResponseSchema, { text: "b mocked" }));
});

for (const [given, message] of [
  [undefined, "mockResolver: the argument must be an array of mock services, not undefined"],
  [[{ service: EchoService }], "mockResolver: mocks[0] must be a result of mockService(), not an object"],
  [[EchoService], "mockResolver: mocks[0] must be a result of mockService(), not an object"],
] as const) {
  test(`it rejects ${given === undefined ? "nothing" : "what is no mock"}: ${message}`, () => {
    assert.throws(() => Reflect.apply(mockResolver, undefined, [given]), { name: "TypeError", message });
  });
}
