// Contexts for handlers under test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { type Context, defineCatalog, type Peer } from "@connectum/core";
import {
  assertConnectError,
  type CreateMockContextOptions,
  createFakeService,
  createMockContext,
  mockService,
} from "@connectum/testing";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const catalog = defineCatalog({ [EchoService.typeName]: EchoService });
const echo = mockService(EchoService, {
  echo: ({ text }, { requestHeader, timeoutMs }) => ({
    text: [text, requestHeader.get("x-tenant"), requestHeader.get("x-by")].join(),
    index: timeoutMs() ?? -1,
  }),
  async *echoServerStream({ text }) {
    yield { text };
    yield { text };
  },
});

/** `ctx.call` and `ctx.stream` have the types of an application, and this one has none. */
type Call = (method: string, request: object, options?: object) => Promise<{ text: string; index: number }>;
type Stream = (method: string) => (request: object) => AsyncIterable<{ text: string }>;
const key = (method: string) => `${EchoService.typeName}/${method}`;
const call = (context: Context, method = "Echo", options?: object) =>
  (context.call as unknown as Call)(key(method), { text: "a" }, options);
const stream = (context: Context, method: string) => (context.stream as unknown as Stream)(key(method))({ text: "a" });

async function failing(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("it fails"),
    (thrown: unknown) => thrown,
  );
}

// contract: MC-1
test("it has every field of a handler's context, and its calls reach the mocks", async () => {
  const context = createMockContext({ catalog, mocks: [echo] });
  for (const name of [
    ...["service", "method", "signal", "timeoutMs", "requestMethod", "requestHeader", "responseHeader"],
    ...["responseTrailer", "protocolName", "url", "values", "peer", "call", "stream"],
  ]) {
    assert.ok(Object.hasOwn(context, name), name);
  }
  assert.equal((await call(context)).text, "a,,");
  const texts: string[] = [];
  for await (const { text } of stream(context, "EchoServerStream")) texts.push(text);
  assert.deepEqual(texts, ["a", "a"]);
});

// contract: MC-2, MC-3
test("without a method, the catalog must have one", () => {
  for (const options of [{ catalog: {}, mocks: [] }, {}]) {
    assert.throws(() => createMockContext(options), {
      message: "createMockContext: catalog must contain at least one service.",
    });
  }
  const empty = createFakeService({ typeName: "a.Empty" });
  assert.throws(() => createMockContext({ catalog: { "a.Empty": empty } }), {
    message: 'createMockContext: service "a.Empty" has no methods.',
  });
  const { method } = createMockContext({ method: EchoService.method.echoGet });
  assert.equal(method, EchoService.method.echoGet);
});

// contract: MC-4
test("it is of the first method, or of the one that is given", () => {
  const first = createMockContext({ catalog, mocks: [echo] });
  const { service, method, protocolName, requestMethod, url } = first;
  assert.deepEqual([service, method.name, protocolName, requestMethod], [EchoService, "Echo", "connect", "POST"]);
  assert.equal(url, "https://mock/connectum.test.v1.EchoService/Echo");
  const given = createMockContext({ mocks: [echo], method: EchoService.method.echoBidiStream });
  assert.deepEqual([given.service, given.method.name], [EchoService, "EchoBidiStream"]);
  assert.equal(given.url, "https://mock/connectum.test.v1.EchoService/EchoBidiStream");
});

// contract: MC-5
test("it has the request headers; its calls inherit those that are named", async () => {
  const options = { mocks: [echo], requestHeader: { "x-tenant": "acme", "x-other": "b" } };
  const plain = createMockContext(options);
  assert.equal(plain.requestHeader.get("x-tenant"), "acme");
  assert.equal((await call(plain)).text, "a,,");
  const propagating = createMockContext({ ...options, propagateHeaders: ["X-Tenant"] });
  assert.equal((await call(propagating)).text, "a,acme,");
});

// contract: MC-6
test("its time counts down, and its calls inherit what is left", async () => {
  const context = createMockContext({ mocks: [echo], timeoutMs: 5_000 });
  const left = context.timeoutMs() ?? Number.NaN;
  assert.ok(left > 4_000 && left <= 5_000, `${left}`);
  const { index } = await call(context);
  assert.ok(index > 0 && index <= 5_000, `${index}`);
  const shorter = await call(context, "Echo", { timeoutMs: 1_000 });
  assert.ok(shorter.index > 0 && shorter.index <= 1_000, `${shorter.index}`);
  assert.equal(createMockContext({ mocks: [echo] }).timeoutMs(), undefined);
});

// contract: MC-6
test("its signal aborts when the time is over", async () => {
  const { signal } = createMockContext({ mocks: [echo], timeoutMs: 20 });
  const over = new Promise((resolve) => signal.addEventListener("abort", resolve));
  // The timer keeps no process alive, and this test needs one that does.
  const alive = setTimeout(() => {}, 10_000);
  await over;
  clearTimeout(alive);
  assertConnectError(signal.reason, Code.DeadlineExceeded, "the operation timed out");
});

test("a call whose time is over before it begins is aborted at once, and calls nobody", async () => {
  const context = createMockContext({ mocks: [echo], timeoutMs: 0 });
  assertConnectError(context.signal.reason, Code.DeadlineExceeded);
  assertConnectError(await failing(call(context)), Code.DeadlineExceeded);
});

// contract: MC-7
test("calls that cannot be made fail with the texts of a server", async () => {
  const context = createMockContext({ catalog });
  assertConnectError(await failing(call(context)), Code.Unavailable);
  const mocked = createMockContext({ mocks: [echo] });
  assertConnectError(await failing(call(mocked, "Nothing")), Code.Unimplemented);
  assertConnectError(await failing(call(mocked, "EchoServerStream")), Code.Unimplemented);
  assert.throws(
    () => stream(mocked, "Echo"),
    (error) => error instanceof ConnectError && error.code === Code.Unimplemented,
  );
});

// contract: MC-8
test("two mocks of one service are an error", () => {
  assert.throws(() => createMockContext({ catalog, mocks: [echo, echo] }), {
    message: 'mockResolver: duplicate mock service "connectum.test.v1.EchoService"',
  });
});

// contract: MC-9
test("outgoing interceptors are around its calls, the first outermost, and see its values", async () => {
  const user = createContextKey("nobody");
  const order: string[] = [];
  const noting =
    (name: string): Interceptor =>
    (next) =>
    (request) => {
      order.push(name);
      request.header.set("x-by", request.contextValues.get(user));
      return next(request);
    };
  const values = createContextValues().set(user, "ada");
  const outgoingInterceptors = [noting("one"), noting("two")];
  const context = createMockContext({ mocks: [echo], outgoingInterceptors, values });
  assert.equal((await call(context)).text, "a,,ada");
  assert.deepEqual([order, context.values], [["one", "two"], values]);
});

test("the test can abort it, and so can a signal; calls in flight are canceled", async () => {
  const waiting = mockService(EchoService, { echo: () => new Promise<never>(() => {}) });
  const context = createMockContext({ mocks: [waiting] });
  const pending = failing(call(context));
  context.abort();
  context.abort(new Error("later"));
  assertConnectError(context.signal.reason, Code.Canceled);
  assertConnectError(await pending, Code.Canceled);
  const caller = new AbortController();
  const { signal } = createMockContext({ mocks: [echo], signal: caller.signal });
  caller.abort("gone");
  assert.equal(signal.reason, "gone");
  assert.equal(createMockContext({ mocks: [echo], signal: caller.signal }).signal.reason, "gone");
});

test("a handler is told who calls, and what it sets can be read", () => {
  const nothing = { httpVersion: undefined, tls: undefined, client: undefined, proxy: undefined };
  const peer: Peer = { transport: "in-process", ...nothing };
  const context = createMockContext({ mocks: [echo], peer });
  context.responseHeader.set("x-a", "1");
  context.responseTrailer.set("x-b", "2");
  assert.equal(context.peer, peer);
  const fields = [...context.responseHeader, ...context.responseTrailer].map(([name, value]) => `${name}: ${value}`);
  assert.deepEqual(fields, ["x-a: 1", "x-b: 2"]);
  assert.equal(createMockContext({ mocks: [echo] }).peer.transport, "unknown");
});

const wrong: [options: object, error: object][] = [
  [{ mock: [] }, { name: "TypeError", message: 'createMockContext: there is no option "mock". Did you mean "mocks"?' }],
  [
    { method: "Echo" },
    {
      name: "TypeError",
      message:
        'createMockContext: method must be the descriptor of a method, for example Greeter.method.greet, not "Echo"',
    },
  ],
  [
    { timeoutMs: 2 ** 31 },
    {
      name: "RangeError",
      message: "createMockContext: timeoutMs must be a number of milliseconds up to 2147483647, not 2147483648",
    },
  ],
  [
    { timeoutMs: "1s" },
    {
      name: "TypeError",
      message: 'createMockContext: timeoutMs must be a number of milliseconds up to 2147483647, not "1s"',
    },
  ],
];
for (const [options, error] of wrong) {
  test(`it rejects ${JSON.stringify(options)}`, () => {
    const given: CreateMockContextOptions = { mocks: [echo], ...options };
    assert.throws(() => createMockContext(given), error);
  });
}
