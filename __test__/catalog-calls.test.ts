// Calls by name: ctx.call and ctx.stream of handlers, in process and to another server, and the client of a catalog.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp2Server, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { mock, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextKey,
  createClient,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  type BidiStreamHandle,
  type CallOptions,
  type ClientStreamHandle,
  type Context,
  type CreateServerOptions,
  createCatalogClient,
  createLocalTransport,
  createServer,
  defaultPropagateHeaders,
  defineCatalog,
  defineService,
  mapResolver,
  perServiceEnvResolver,
  type RemoteResolver,
  type Server,
} from "@connectum/core";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { eventually } from "./support/eventually.ts";
import { serve } from "./support/serve.ts";

declare module "@connectum/core" {
  interface ConnectumCallMap {
    "connectum.test.v1.EchoService/Echo": { request: { text?: string; count?: number }; response: { text: string } };
    "hello.v1.Greeter/Greet": { request: { name?: string }; response: { greeting: string } };
  }
  interface ConnectumStreamMap {
    "connectum.test.v1.EchoService/EchoServerStream": {
      kind: "server-stream";
      request: { text?: string; count?: number };
      response: { text: string };
    };
    "connectum.test.v1.EchoService/EchoClientStream": {
      kind: "client-stream";
      request: { text?: string };
      response: { text: string };
    };
    "connectum.test.v1.EchoService/EchoBidiStream": {
      kind: "bidi";
      request: { text?: string };
      response: { text: string };
    };
  }
}

type Impl = Partial<ServiceImpl<typeof EchoService>>;

const ECHO = "connectum.test.v1.EchoService/Echo";
const SERVER_STREAM = "connectum.test.v1.EchoService/EchoServerStream";
const CLIENT_STREAM = "connectum.test.v1.EchoService/EchoClientStream";
const BIDI_STREAM = "connectum.test.v1.EchoService/EchoBidiStream";

const catalog = defineCatalog({ [EchoService.typeName]: EchoService, [Greeter.typeName]: Greeter });

/** What the methods of EchoService are called with, and how each of these tests reaches them. */
interface Setup {
  readonly impl: Impl;
  readonly options?: Partial<CreateServerOptions>;
  /** Headers and deadline of the call that the handler serves. */
  readonly inbound?: { headers?: Record<string, string>; timeoutMs?: number; signal?: AbortSignal };
}

/** Runs `work` in a handler that calls EchoService: mounted beside it, or on another server. */
type Place = (t: TestContext, setup: Setup, work: (context: Context) => Promise<unknown>) => Promise<void>;

/** A server whose `Greet` runs `work`, whose failure is rethrown here. */
async function greet(server: Server, { inbound }: Setup, failed: () => unknown): Promise<void> {
  const client = createClient(Greeter, createLocalTransport(server));
  await client.greet({}, inbound).catch((error: unknown) => {
    const own = failed();
    throw own === undefined ? error : own;
  });
}

function greeter(work: (context: Context) => Promise<unknown>) {
  let failure: unknown;
  const definition = defineService(Greeter, {
    async greet(_: unknown, context: Context) {
      try {
        await work(context);
      } catch (error) {
        failure = error;
        throw error;
      }
      return {};
    },
  } as never);
  return { definition, failed: () => failure };
}

const places: Readonly<Record<string, Place>> = {
  "in process": async (_, setup, work) => {
    const { definition, failed } = greeter(work);
    const server = createServer({
      services: [definition, (router) => router.service(EchoService, setup.impl)],
      catalog,
      logger: silent,
      ...setup.options,
    });
    await greet(server, setup, failed);
  },
  "to another server": async (t, setup, work) => {
    const { url } = await serve(t, { services: [(router) => router.service(EchoService, setup.impl)] });
    await callFrom(createGrpcTransport({ baseUrl: url }), setup, work);
  },
  "to another server of the process": async (_, setup, work) => {
    const other = createServer({ services: [(router) => router.service(EchoService, setup.impl)], logger: silent });
    await callFrom(createLocalTransport(other), setup, work);
  },
};

/** Runs `work` in a handler of a server that reaches all others over `remote`. */
async function callFrom(remote: Transport, setup: Setup, work: (context: Context) => Promise<unknown>) {
  const { definition, failed } = greeter(work);
  const server = createServer({
    services: [definition],
    catalog,
    remoteResolver: () => remote,
    logger: silent,
    ...setup.options,
  });
  await greet(server, setup, failed);
}

const echo: Impl = {
  echo: ({ text }) => ({ text }),
  async *echoServerStream({ text, count }) {
    for (let index = 0; index < count; index += 1) yield { text: `${text}${index}` };
  },
  async echoClientStream(requests) {
    const all = [];
    for await (const { text } of requests) all.push(text);
    return { text: all.join() };
  },
  async *echoBidiStream(requests) {
    for await (const { text } of requests) yield { text };
  },
};

async function texts(responses: AsyncIterable<{ text: string }>, into: string[] = []): Promise<string[]> {
  for await (const { text } of responses) into.push(text);
  return into;
}

for (const [place, run] of Object.entries(places)) {
  // contract: K3, K4, K5, K6, K12, K15, O-catalog, O-remoteResolver
  test(`${place}: all four kinds of call`, { timeout: 20_000 }, async (t) => {
    await run(t, { impl: echo }, async ({ call, stream }) => {
      assert.equal((await call(ECHO, { text: "a" })).text, "a");
      assert.deepEqual(await texts(stream(SERVER_STREAM)({ text: "a", count: 3 })), ["a0", "a1", "a2"]);
      const up = stream(CLIENT_STREAM)();
      for (const text of ["a", "b"]) await up.send({ text });
      const closed = up.close();
      assert.equal((await closed).text, "a,b");
      assert.equal(up.close(), closed, "the same result again");
      const both = stream(BIDI_STREAM)();
      await both.send({ text: "before it is opened" });
      const responses = both.responses[Symbol.asyncIterator]();
      assert.equal((await responses.next()).value?.text, "before it is opened");
      await both.send({ text: "b" });
      assert.equal((await responses.next()).value?.text, "b");
      both.close();
      assert.equal((await responses.next()).done, true);
      assert.deepEqual(await texts(both.responses), [], "responses are for one loop");
    });
  });

  // contract: K9, O-propagateHeaders
  test(`${place}: listed headers are passed on, explicit ones win, others stay`, { timeout: 20_000 }, async (t) => {
    const seen: (string | null)[][] = [];
    const names = ["traceparent", "tracestate", "authorization", "x-own"];
    const impl: Impl = {
      echo(_, { requestHeader }) {
        seen.push(names.map((name) => requestHeader.get(name)));
        return {};
      },
    };
    const inbound = { headers: { traceparent: "trace", tracestate: "state", authorization: "secret" } };
    const options = { propagateHeaders: [...defaultPropagateHeaders].map((name) => name.toUpperCase()) };
    await run(t, { impl, inbound, options }, async ({ call }) => {
      await call(ECHO, {});
      await call(ECHO, {}, { headers: { tracestate: "mine", "x-own": "1" } });
    });
    assert.deepEqual(seen, [
      ["trace", "state", null, null],
      ["trace", "mine", null, "1"],
    ]);
  });

  // contract: K7, K8
  test(`${place}: a call inherits deadline and cancellation`, { timeout: 20_000 }, async (t) => {
    const left: (number | undefined)[] = [];
    const reasons: unknown[] = [];
    const impl: Impl = {
      echo: (_, context) => {
        left.push(context.timeoutMs());
        return {};
      },
      async *echoServerStream(_, { signal }) {
        const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
        yield { text: "first" };
        await aborted;
        reasons.push(signal.reason instanceof ConnectError && Code[signal.reason.code]);
      },
    };
    await run(t, { impl, inbound: { timeoutMs: 5_000 } }, async ({ call }) => {
      await call(ECHO, {});
      await call(ECHO, {}, { timeoutMs: 60_000 });
      await call(ECHO, {}, { timeoutMs: 1_000 });
      for (const timeoutMs of [0, -1]) {
        await assert.rejects(call(ECHO, {}, { timeoutMs }), {
          code: Code.DeadlineExceeded,
          rawMessage: "the operation timed out",
        });
      }
    });
    assert.equal(left.length, 3, "calls that have expired are not made");
    const [inherited = 0, longer = 0, shorter = 0] = left;
    assert.ok(inherited > 2_000 && inherited <= 5_000, `${inherited}`);
    assert.ok(longer > 2_000 && longer <= 5_000, `${longer}`);
    assert.ok(shorter > 200 && shorter <= 1_000, `${shorter}`);
    const controller = new AbortController();
    const canceled = run(t, { impl, inbound: { signal: controller.signal } }, async ({ stream }) => {
      for await (const _ of stream(SERVER_STREAM)({ text: "a" })) controller.abort();
    });
    await assert.rejects(canceled, { code: Code.Canceled });
    await eventually(() => reasons.length === 1, "the callee is canceled");
    assert.deepEqual(reasons, ["Canceled"]);
  });

  // contract: K7
  test(`${place}: a signal of its own replaces that of the caller`, { timeout: 20_000 }, async (t) => {
    const own = new AbortController();
    const impl: Impl = {
      echo: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    };
    await run(t, { impl }, async ({ call }) => {
      const failed = assert.rejects(call(ECHO, {}, { signal: own.signal }), { code: Code.Canceled });
      setTimeout(() => own.abort(), 20);
      await failed;
    });
  });

  // contract: K11
  test(`${place}: an error arrives whole, and without what describes its body`, { timeout: 20_000 }, async (t) => {
    const impl: Impl = {
      echo() {
        throw new ConnectError("no", Code.NotFound, { "x-reason": "because" }, [
          { desc: EchoResponseSchema, value: { text: "a detail" } },
        ]);
      },
    };
    await run(t, { impl }, async ({ call }) => {
      const error = await call(ECHO, {}).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ConnectError);
      assert.deepEqual([error.code, error.rawMessage], [Code.NotFound, "no"]);
      assert.equal(error.metadata.get("x-reason"), "because");
      assert.deepEqual(
        error.findDetails(EchoResponseSchema).map(({ text }) => text),
        ["a detail"],
      );
      for (const name of ["content-type", "content-length", "content-encoding"]) {
        assert.equal(error.metadata.get(name), null, name);
      }
    });
  });

  // contract: K17
  test(`${place}: what has arrived before a failure is given first`, { timeout: 20_000 }, async (t) => {
    const impl: Impl = {
      async *echoServerStream() {
        yield { text: "a" };
        yield { text: "b" };
        throw new ConnectError("broken", Code.DataLoss);
      },
    };
    await run(t, { impl }, async ({ stream }) => {
      const got: string[] = [];
      await assert.rejects(texts(stream(SERVER_STREAM)({}), got), { code: Code.DataLoss, rawMessage: "broken" });
      assert.deepEqual(got, ["a", "b"]);
    });
  });

  // contract: K18
  test(`${place}: leaving a loop early cancels the call, and does not hang`, { timeout: 20_000 }, async (t) => {
    let canceled = 0;
    const impl: Impl = {
      async *echoServerStream(_, { signal }) {
        signal.addEventListener("abort", () => (canceled += 1));
        for (;;) {
          yield { text: "more" };
          await sleep(1);
        }
      },
      async *echoBidiStream(_, { signal }) {
        signal.addEventListener("abort", () => (canceled += 1));
        yield { text: "one" };
        await new Promise(() => {});
      },
    };
    await run(t, { impl }, async ({ stream }) => {
      for await (const _ of stream(SERVER_STREAM)({})) break;
      await eventually(() => canceled === 1, "the server stream is canceled");
      const both = stream(BIDI_STREAM)();
      for await (const _ of both.responses) break;
      await eventually(() => canceled === 2, "the bidi stream is canceled");
      // One that waits for its next message.
      const iterator = stream(BIDI_STREAM)().responses[Symbol.asyncIterator]();
      await iterator.next();
      const next = iterator.next();
      await iterator.return?.();
      assert.equal((await next).done, true);
    });
  });

  // contract: K14, K16
  test(`${place}: send() waits for room, and says why nothing is sent any more`, { timeout: 20_000 }, async (t) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let read = 0;
    const impl: Impl = {
      async echoClientStream(requests) {
        await held;
        for await (const _ of requests) read += 1;
        return { text: `${read}` };
      },
      // biome-ignore lint/correctness/useYield: it fails
      async *echoBidiStream() {
        throw new ConnectError("no", Code.PermissionDenied);
      },
    };
    await run(t, { impl }, async ({ stream }) => {
      const up = stream(CLIENT_STREAM)();
      const text = "x".repeat(10_000);
      let sent = 0;
      const sending = (async () => {
        for (; sent < 1_000; sent += 1) await up.send({ text });
      })();
      await sleep(100);
      assert.ok(sent < 900, `${sent} messages wait`);
      release();
      await sending;
      assert.equal((await up.close()).text, "1000");
      await up.send({ text: "dropped" });
      assert.equal((await up.close()).text, "1000");

      const both = stream(BIDI_STREAM)();
      // Its rejection is ignored: it is no unhandled one.
      void both.send({ text: "a" });
      await assert.rejects(texts(both.responses), { code: Code.PermissionDenied });
      await assert.rejects(both.send({ text: "b" }), { code: Code.PermissionDenied });
    });
  });

  // contract: K15, K16
  test(`${place}: requests that nobody reads hold up no sender`, { timeout: 20_000 }, async (t) => {
    const impl: Impl = {
      // biome-ignore lint/correctness/useYield: it fails
      async *echoBidiStream(requests) {
        for await (const { text } of requests) if (text === "5") throw new ConnectError("no", Code.PermissionDenied);
      },
      async echoClientStream(requests) {
        for await (const { text } of requests) return { text };
        return {};
      },
    };
    await run(t, { impl }, async ({ stream }) => {
      const both = stream(BIDI_STREAM)();
      const sending = (async () => {
        for (let index = 0; index < 200; index += 1) await both.send({ text: `${index}` });
      })();
      await sending.catch((error: unknown) => assert.ok(error instanceof ConnectError));
      await assert.rejects(texts(both.responses), { code: Code.PermissionDenied });

      const late = stream(BIDI_STREAM)({ timeoutMs: 1 });
      await sleep(5);
      const expired = (async () => {
        for (let index = 0; index < 40; index += 1) await late.send({ text: "a" });
      })();
      await expired.catch((error: unknown) => assert.ok(error instanceof ConnectError));

      const up = stream(CLIENT_STREAM)();
      for (let index = 0; index < 200; index += 1) await up.send({ text: `${index}` });
      assert.equal((await up.close()).text, "0", "the response came before the end of the requests");
    });
  });

  test(`${place}: a message is sent as it was when send() was called`, { timeout: 20_000 }, async (t) => {
    await run(t, { impl: echo }, async ({ stream }) => {
      const request = create(EchoRequestSchema);
      const up = stream(CLIENT_STREAM)();
      const both = stream(BIDI_STREAM)();
      for (let index = 0; index < 5; index += 1) {
        request.text = `${index}`;
        await up.send(request);
        await both.send(request);
      }
      both.close();
      assert.equal((await up.close()).text, "0,1,2,3,4");
      assert.deepEqual(await texts(both.responses), ["0", "1", "2", "3", "4"]);
    });
  });

  test(`${place}: outgoing interceptors share the time of a call`, { timeout: 20_000 }, async (t) => {
    const slow: Interceptor = (next) => async (request) => {
      await next(request).catch(() => {});
      await sleep(80);
      return next(request);
    };
    const left: (number | undefined)[] = [];
    const impl: Impl = {
      echo(_, context) {
        left.push(context.timeoutMs());
        return {};
      },
    };
    await run(t, { impl, options: { outgoingInterceptors: [slow] } }, async ({ call }) => {
      await call(ECHO, {}, { timeoutMs: 2_000 });
      await assert.rejects(call(ECHO, {}, { timeoutMs: 60 }), { code: Code.DeadlineExceeded });
    });
    const [first = 0, second = 0] = left;
    assert.ok(first - second >= 60, `${first} and ${second} ms`);
  });

  // contract: K14
  test(`${place}: a client stream fails when it is closed, and nowhere else`, { timeout: 20_000 }, async (t) => {
    const impl: Impl = {
      echoClientStream: () => Promise.reject(new ConnectError("no", Code.PermissionDenied)),
    };
    await run(t, { impl }, async ({ stream }) => {
      // Nobody closes this one.
      void stream(CLIENT_STREAM)().send({ text: "a" });
      const up = stream(CLIENT_STREAM)();
      await sleep(50);
      await assert.rejects(up.close(), { code: Code.PermissionDenied, rawMessage: "no" });
    });
  });

  // contract: K10, M1, O-outgoingInterceptors
  test(`${place}: the outgoing interceptors see each call, and the values of the caller`, {
    timeout: 20_000,
  }, async (t) => {
    const key = createContextKey("default");
    const seen: unknown[] = [];
    const callee: unknown[] = [];
    const outgoing: Interceptor = (next) => async (request) => {
      seen.push([request.method.name, request.contextValues.get(key)]);
      request.header.set("x-outgoing", "1");
      return next(request);
    };
    const note = ({ requestHeader, values }: HandlerContext) =>
      callee.push([requestHeader.get("x-outgoing"), values.get(key)]);
    const impl: Impl = {
      echo(_, context) {
        note(context);
        return {};
      },
      async *echoServerStream(_, context) {
        note(context);
        yield {};
      },
    };
    await run(t, { impl, options: { outgoingInterceptors: [outgoing] } }, async ({ call, stream, values }) => {
      values.set(key, "the caller's");
      await call(ECHO, {});
      await texts(stream(SERVER_STREAM)({}));
    });
    assert.deepEqual(seen, [
      ["Echo", "the caller's"],
      ["EchoServerStream", "the caller's"],
    ]);
    assert.deepEqual(callee, [
      ["1", "default"],
      ["1", "default"],
    ]);
  });
}

/** A client interceptor whose calls have context values of its own, under `key`. */
const replacing =
  (key: ContextKey<string>): Interceptor =>
  (next) =>
  (request) =>
    next({ ...request, contextValues: createContextValues().set(key, "the interceptor's") } as typeof request);

// contract: K10
test("a handler's context values reach no other server of the process, whatever lies between", async (t) => {
  const key = createContextKey("default");
  const seen: string[] = [];
  const callee: string[] = [];
  const impl: Impl = {
    echo(_, { values }) {
      callee.push(values.get(key));
      return {};
    },
  };
  const noting: Interceptor = (next) => (request) => {
    seen.push(request.contextValues.get(key));
    return next(request);
  };
  const other = createServer({ services: [(router) => router.service(EchoService, impl)] });
  const local = createLocalTransport(other, { interceptors: [noting] });
  const around: Transport = {
    unary: (...given) => local.unary(...given),
    stream: (...given) => local.stream(...given),
  };
  const ways: [name: string, Transport, Interceptor[], seen: string][] = [
    ["a transport in process", local, [], "the caller's"],
    ["a transport around it", around, [], "the caller's"],
    ["an outgoing interceptor", local, [(next) => (request) => next(request)], "the caller's"],
    ["an outgoing interceptor with values of its own", around, [replacing(key)], "the interceptor's"],
  ];
  for (const [name, transport, outgoingInterceptors, value] of ways) {
    await t.test(name, async () => {
      await callFrom(transport, { impl: {}, options: { outgoingInterceptors } }, async ({ call, values }) => {
        values.set(key, "the caller's");
        await call(ECHO, {});
      });
      assert.deepEqual([seen.pop(), callee.pop()], [value, "default"]);
    });
  }
});

const replaced: Readonly<Record<string, (local: Transport, onCall: () => void) => Transport>> = {
  "a mock of its method": (local, onCall) => {
    const { unary } = local;
    mock.method(local, "unary", (...given: Parameters<typeof unary>) => {
      onCall();
      return unary(...given);
    });
    return local;
  },
  "a proxy": (local, onCall) =>
    new Proxy(local, {
      get(target, name) {
        if (name === "unary") onCall();
        return Reflect.get(target, name);
      },
    }),
  "an object that inherits from it": (local, onCall) =>
    Object.create(local, {
      unary: {
        value(...given: Parameters<Transport["unary"]>) {
          onCall();
          return local.unary(...given);
        },
      },
    }),
};

for (const [what, replace] of Object.entries(replaced)) {
  test(`a transport in process behind ${what} is called through it`, async () => {
    let calls = 0;
    const local = createLocalTransport(createServer({ services: [(router) => router.service(EchoService, echo)] }));
    const transport = replace(local, () => {
      calls += 1;
    });
    calls = 0;
    await callFrom(transport, { impl: {} }, async ({ call }) => {
      assert.equal((await call(ECHO, { text: "a" })).text, "a");
    });
    assert.ok(calls > 0);
  });
}

// contract: K10
test("interceptors of a handler's calls set and delete its context values", async () => {
  const key = createContextKey("default");
  const outgoing: Interceptor = (next) => (request) => {
    const { contextValues } = request;
    if (contextValues.get(key) === "default") contextValues.set(key, "set by the interceptor");
    else contextValues.delete(key);
    return next(request);
  };
  const local = createLocalTransport(createServer({ services: [(router) => router.service(EchoService, echo)] }));
  await callFrom(local, { impl: {}, options: { outgoingInterceptors: [outgoing] } }, async ({ call, values }) => {
    await call(ECHO, {});
    assert.equal(values.get(key), "set by the interceptor");
    await call(ECHO, {});
    assert.equal(values.get(key), "default");
  });
});

// contract: I8, I11
test("context values that are given to a client of the server arrive, at another server of the process too", async () => {
  const key = createContextKey("default");
  const impl: Impl = { echo: (_, { values }) => ({ text: values.get(key) }) };
  const other = createServer({ services: [(router) => router.service(EchoService, impl)] });
  const contextValues = createContextValues().set(key, "the client's");
  for (const outgoingInterceptors of [[], [replacing(key)]]) {
    const server = createServer({
      services: [],
      remoteResolver: () => createLocalTransport(other),
      outgoingInterceptors,
    });
    const { text } = await server.client(EchoService).echo({}, { contextValues });
    assert.equal(text, outgoingInterceptors.length === 0 ? "the client's" : "the interceptor's");
  }
});

/** Options of a call that are wrong, and what is wrong with them. */
const wrongCallOptions: [options: unknown, text: string][] = [
  ["x", 'the options must be an object, not "x"'],
  [new AbortController().signal, "the options must be an object, not an AbortSignal"],
  [{ timeout: 5 }, 'there is no option "timeout". Did you mean "timeoutMs"?'],
  [{ timeoutMs: Number.NaN }, "timeoutMs must be a number of milliseconds, not NaN"],
  [{ endpoint: 5 }, "endpoint must be a string, not 5"],
  [{ signal: 5 }, "signal must be an AbortSignal, not 5"],
  [{ signal: new AbortController() }, "signal must be an AbortSignal, not an AbortController"],
  // The rest of the text is Node's.
  [{ headers: { "bad name": "x" } }, "headers: "],
];

/** Runs `work` in a handler of a server that has no EchoService. */
const inHandler = (options: Partial<CreateServerOptions>, work: (context: Context) => Promise<unknown>) => {
  const { definition, failed } = greeter(work);
  return greet(createServer({ services: [definition], logger: silent, ...options }), { impl: {} }, failed);
};

const wrongKeys: [key: string, code: Code, text: string][] = [
  ...["Echo", "/Echo", "connectum.test.v1.EchoService/", ""].map((key): [string, Code, string] => [
    key,
    Code.Unimplemented,
    `malformed method key "${key}" (expected "\${typeName}/\${Method}").`,
  ]),
  ["other.Service/Echo", Code.Unimplemented, 'unknown service "other.Service" (no such key in the catalog).'],
  ["constructor/x", Code.Unimplemented, 'unknown service "constructor" (no such key in the catalog).'],
  ["__proto__/x", Code.Unimplemented, 'unknown service "__proto__" (no such key in the catalog).'],
  [`${EchoService.typeName}/echo`, Code.Unimplemented, `"${EchoService.typeName}" has no method "echo".`],
  [`${EchoService.typeName}/constructor`, Code.Unimplemented, `"${EchoService.typeName}" has no method "constructor".`],
];

// contract: K-checks, K4
test("a wrong name of a method is a ConnectError that says what is wrong", async () => {
  await inHandler({ catalog }, async ({ call, stream }) => {
    for (const [key, code, text] of wrongKeys) {
      await assert.rejects(call(key as never, {} as never), { name: "ConnectError", code, rawMessage: `ctx: ${text}` });
      assert.throws(() => stream(key as never), { name: "ConnectError", code, rawMessage: `ctx: ${text}` });
    }
    await assert.rejects(call(SERVER_STREAM as never, {} as never), {
      code: Code.Unimplemented,
      rawMessage: `ctx.call: "${SERVER_STREAM}" is a streaming method — use ctx.stream instead.`,
    });
    assert.throws(() => stream(ECHO as never), {
      code: Code.Unimplemented,
      rawMessage: `ctx.stream: "${ECHO}" is a unary method — use ctx.call instead.`,
    });
  });
});

const notKeys: [key: unknown, text: string][] = [
  [undefined, "undefined"],
  [null, "null"],
  [5, "5"],
  [Symbol("echo"), "Symbol(echo)"],
  [EchoService.method.echo, "an object"],
  [Object.create(null), "an object"],
  [[ECHO], "an array"],
];

// contract: K-checks, K4
test("a name that is no text is a ConnectError that says what was given", async () => {
  await inHandler({ catalog }, async ({ call, stream }) => {
    for (const [key, text] of notKeys) {
      const expected = {
        name: "ConnectError",
        code: Code.Unimplemented,
        rawMessage: `ctx: malformed method key ${text} (expected "\${typeName}/\${Method}").`,
      };
      await assert.rejects(call(key as never, {} as never), expected);
      assert.throws(() => stream(key as never), expected);
    }
  });
});

// contract: K5, K13
test("a request that is no message is an error that says so; none is an empty one", async () => {
  const local = createLocalTransport(createServer({ services: [(router) => router.service(EchoService, echo)] }));
  await inHandler({ catalog, remoteResolver: () => local }, async ({ call, stream }) => {
    for (const [request, shown] of [
      [5, "5"],
      ["hello", '"hello"'],
      [() => {}, "a function"],
    ]) {
      const expected = (caller: string) => ({
        name: "ConnectError",
        code: Code.InvalidArgument,
        rawMessage: `${caller}: the request must be a message, or an object with its fields, not ${shown}`,
      });
      await assert.rejects(call(ECHO, request as never), expected("ctx.call"));
      const responses = stream(SERVER_STREAM)(request as never);
      await assert.rejects(texts(responses), expected("ctx.stream"));
    }
    assert.equal((await call(ECHO, undefined as never)).text, "");
    assert.deepEqual(await texts(stream(SERVER_STREAM)(undefined as never)), []);
  });
});

// contract: G4
test("a resolver that returns neither a transport nor null is named as the cause, and asked again", async () => {
  let asked = 0;
  for (const wrong of [Promise.reject(new Error("late")), "http://orders", {}]) {
    const remoteResolver = () => {
      asked += 1;
      return wrong as never;
    };
    await inHandler({ catalog, remoteResolver }, async ({ call }) => {
      for (let times = 0; times < 2; times += 1) {
        const error = await call(ECHO, {}).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof ConnectError && error.code === Code.Internal);
        assert.match(String(error.cause), /a resolver must return a transport of connect, or null, at once: not /);
      }
    });
  }
  assert.equal(asked, 6);
});

// contract: K3, K-checks
test("without a catalog calls say so", async () => {
  const text = "ctx: no catalog is configured; pass createServer({ catalog }) to enable cross-service calls.";
  await inHandler({}, async ({ call, stream }) => {
    await assert.rejects(call(ECHO, {}), { code: Code.FailedPrecondition, rawMessage: text });
    assert.throws(() => stream(SERVER_STREAM), { code: Code.FailedPrecondition, rawMessage: text });
  });
});

const calls: Readonly<Record<string, (context: Context, options?: CallOptions) => Promise<unknown>>> = {
  "ctx.call": ({ call }, options) => call(ECHO, {}, options),
  "a server stream": ({ stream }, options) => texts(stream(SERVER_STREAM)({}, options)),
  "a client stream": ({ stream }, options) => stream(CLIENT_STREAM)(options).close(),
  "a bidi stream": ({ stream }, options) => {
    const { close, responses } = stream(BIDI_STREAM)(options);
    close();
    return texts(responses);
  },
};

for (const [what, make] of Object.entries(calls)) {
  // contract: K-checks, K14
  test(`${what} with wrong options says what is wrong`, async () => {
    const remoteResolver = () => assert.fail("a resolver is asked");
    await inHandler({ catalog, remoteResolver }, async (context) => {
      for (const [options, text] of wrongCallOptions) {
        const caller = what === "ctx.call" ? "ctx.call" : "ctx.stream";
        const error = await make(context, options as never).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof ConnectError && error.code === Code.InvalidArgument, String(error));
        assert.ok(error.rawMessage.startsWith(`${caller}: ${text}`), error.rawMessage);
      }
    });
  });

  test(`${what} takes null for no options, and for no signal`, async () => {
    const local = createLocalTransport(createServer({ services: [(router) => router.service(EchoService, echo)] }));
    await inHandler({ catalog, remoteResolver: () => local }, async (context) => {
      await make(context, null as never);
      await make(context, { signal: null as never });
    });
  });

  // contract: K-checks, K13
  test(`${what} without a route says why`, async () => {
    const none = `no route for "${EchoService.typeName}"`;
    await inHandler({ catalog }, async (context) => {
      await assert.rejects(make(context), {
        code: Code.Unavailable,
        rawMessage: `ctx.call: ${none}: the resolver returned null.`,
      });
    });
    const thrown = new Error("mine");
    const resolvers: Record<string, RemoteResolver> = {
      null: () => null,
      throws: () => {
        throw thrown;
      },
    };
    await inHandler({ catalog, remoteResolver: resolvers["null"] }, async (context) => {
      await assert.rejects(make(context, { endpoint: "b" }), {
        code: Code.Unavailable,
        rawMessage: `ctx.call: ${none} (endpoint "b"): the resolver returned null.`,
      });
    });
    await inHandler({ catalog, remoteResolver: resolvers["throws"] }, async (context) => {
      await assert.rejects(make(context), {
        code: Code.Internal,
        rawMessage: `ctx.call: the remoteResolver threw while resolving "${EchoService.typeName}".`,
        cause: thrown,
      });
    });
  });
}

// contract: K13
test("each loop over a server stream is a call of its own, and nothing is called before", async (t) => {
  let called = 0;
  const impl: Impl = {
    async *echoServerStream() {
      called += 1;
      yield { text: `${called}` };
    },
  };
  const run = places["in process"] as Place;
  await run(t, { impl }, async ({ stream }) => {
    const responses = stream(SERVER_STREAM)({});
    await sleep(5);
    assert.equal(called, 0);
    assert.deepEqual([await texts(responses), await texts(responses)], [["1"], ["2"]]);
  });
});

// contract: K2
test("call and stream are no properties that a copy has, and cannot be replaced", async () => {
  await inHandler({ catalog }, async (context) => {
    const shape = (name: "call" | "stream") => Object.getOwnPropertyDescriptor(context, name);
    for (const name of ["call", "stream"] as const) {
      const { value, ...rest } = shape(name) ?? {};
      assert.equal(typeof value, "function");
      assert.deepEqual(rest, { writable: false, enumerable: false, configurable: false });
      assert.equal(context[name], value, "the same each time");
      assert.throws(() => Object.assign(context, { [name]: 1 }), TypeError);
      assert.throws(() => Reflect.deleteProperty(context, name) || assert.fail(), assert.AssertionError);
      assert.equal(Reflect.defineProperty(context, name, { value: 1 }), false);
      assert.ok(!(name in { ...context }));
      assert.ok(!Object.keys(context).includes(name));
      assert.ok(name in context && Object.hasOwn(context, name));
    }
    Object.freeze(context);
    assert.equal(typeof context.call, "function");
  });
});

// contract: G4, G5
test("a transport is resolved once for each service and endpoint; null and errors are not kept", async (t) => {
  const { url } = await serve(t, { services: [(router) => router.service(EchoService, echo)] });
  const remote = createGrpcTransport({ baseUrl: url });
  const asked: unknown[] = [];
  const answers: (Transport | null | Error)[] = [null, new Error("not yet"), remote, remote];
  const remoteResolver: RemoteResolver = (context) => {
    asked.push(context);
    const answer = answers.shift() ?? null;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const server = createServer({ services: [], catalog, remoteResolver, logger: silent });
  const { definition, failed } = greeter(async ({ call }) => {
    await assert.rejects(call(ECHO, {}), { code: Code.Unavailable });
    await assert.rejects(call(ECHO, {}), { code: Code.Internal });
    for (const endpoint of [undefined, "", undefined]) await call(ECHO, {}, { endpoint });
    for (let times = 0; times < 2; times += 1) await call(ECHO, {}, { endpoint: "b" });
  });
  server.addService(definition);
  await greet(server, { impl: {} }, failed);
  const { typeName } = EchoService;
  assert.deepEqual(asked, [{ typeName }, { typeName }, { typeName }, { typeName, endpoint: "b" }]);
});

// contract: G9, G9-close, M1
test("connections of default transports are closed after the hooks; others are left alone", {
  timeout: 20_000,
}, async (t) => {
  const sessions = new Set<Http2Session>();
  const urls: string[] = [];
  const remote = http2Server(t, sessions);
  const baseUrl = `http://127.0.0.1:${await remote}`;
  process.env["CONNECTUM_TEST_ECHO"] = baseUrl;
  t.after(() => delete process.env["CONNECTUM_TEST_ECHO"]);
  const given = new Http2SessionManager(baseUrl);
  t.after(() => given.abort());
  const { definition, failed } = greeter(async ({ call }) => {
    assert.equal((await call(ECHO, { text: "by default" })).text, "by default");
    assert.equal((await call(ECHO, { text: "given" }, { endpoint: "given" })).text, "given");
  });
  const byDefault = perServiceEnvResolver({ [EchoService.typeName]: "CONNECTUM_TEST_ECHO" });
  const { server } = await serve(t, {
    services: [definition],
    catalog,
    remoteResolver: (context) =>
      context.endpoint === "given" ? createGrpcTransport({ baseUrl, sessionManager: given }) : byDefault(context),
    outgoingInterceptors: [
      (next) => (request) => {
        urls.push(request.url);
        return next(request);
      },
    ],
  });
  await greet(server, { impl: {} }, failed);
  assert.equal(sessions.size, 2);
  assert.deepEqual(urls, [`${baseUrl}/${ECHO}`, `https://remote.invalid/${ECHO}`]);
  let atTheHooks = 0;
  server.onShutdown(() => {
    atTheHooks = sessions.size;
  });
  await server.stop();
  assert.equal(atTheHooks, 2);
  await eventually(() => sessions.size === 1, "the connection of the default transport is closed");
  assert.equal(given.state(), "idle");
  for (const client of [server.client(EchoService), server.client(EchoService, { endpoint: "another" })]) {
    await assert.rejects(client.echo({}), { code: Code.Unavailable, rawMessage: "the server has stopped" });
  }
  assert.equal(sessions.size, 1);
});

// contract: S7
test("names of enabledServices that the catalog does not have fail the start", async () => {
  const start = (options: Partial<CreateServerOptions>) =>
    createServer({ services: [], port: 0, host: "127.0.0.1", logger: silent, ...options }).start();
  await assert.rejects(start({ catalog, enabledServices: ["a.A", Greeter.typeName, "constructor"] }), {
    name: "CatalogConfigError",
    message:
      "enabledServices lists 2 typeName(s) absent from the catalog: a.A, constructor. " +
      "Known catalog services: connectum.test.v1.EchoService, hello.v1.Greeter.",
  });
  await assert.rejects(start({ catalog: {}, enabledServices: ["a.A"] }), {
    message: "enabledServices lists 1 typeName(s) absent from the catalog: a.A. Known catalog services: (none).",
  });
});

// contract: K6
test("a service that enabledServices leaves out is called at the resolver's", { timeout: 20_000 }, async (t) => {
  const { url } = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: () => ({ text: "elsewhere" }) })],
  });
  const { definition, failed } = greeter(async ({ call }) => {
    assert.equal((await call(ECHO, {})).text, "elsewhere");
  });
  const server = createServer({
    services: [definition, (router) => router.service(EchoService, { echo: () => ({ text: "here" }) })],
    enabledServices: [Greeter.typeName],
    catalog,
    remoteResolver: mapResolver({ [EchoService.typeName]: createGrpcTransport({ baseUrl: url }) }),
    logger: silent,
  });
  await greet(server, { impl: {} }, failed);
});

// contract: G10, G11, G13
test("the client of a catalog makes the same calls without a server", { timeout: 20_000 }, async (t) => {
  const seen: unknown[] = [];
  const { url } = await serve(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          ...echo,
          echo({ text }, context) {
            seen.push(context.requestHeader.get("x-own"), context.timeoutMs() === undefined);
            return { text };
          },
        }),
    ],
  });
  let resolved = 0;
  const client = createCatalogClient({
    catalog,
    resolver: () => {
      resolved += 1;
      return createGrpcTransport({ baseUrl: url });
    },
  });
  assert.equal((await client.call(ECHO, { text: "a" }, { headers: { "x-own": "1" } })).text, "a");
  assert.deepEqual(seen, ["1", true]);
  assert.deepEqual(await texts(client.stream(SERVER_STREAM)({ text: "a", count: 2 })), ["a0", "a1"]);
  const up: ClientStreamHandle<{ text?: string }, { text: string }> = client.stream(CLIENT_STREAM)();
  void up.send({ text: "a" });
  assert.equal((await up.close()).text, "a");
  const both: BidiStreamHandle<{ text?: string }, { text: string }> = client.stream(BIDI_STREAM)();
  void both.send({ text: "b" });
  both.close();
  assert.deepEqual(await texts(both.responses), ["b"]);
  assert.equal(resolved, 1);
});

// contract: G12
test("the client of a catalog has texts of its own", async () => {
  const thrown = new Error("mine");
  const resolver: RemoteResolver = ({ endpoint }) => {
    if (endpoint === "throws") throw thrown;
    return null;
  };
  const { call, stream } = createCatalogClient({ catalog, resolver });
  for (const [key, code, text] of wrongKeys) {
    await assert.rejects(call(key as never, {} as never), { code, rawMessage: `catalogClient.call: ${text}` });
    assert.throws(() => stream(key as never), { code, rawMessage: `catalogClient.stream: ${text}` });
  }
  await assert.rejects(call(SERVER_STREAM as never, {} as never), {
    rawMessage: `catalogClient.call: "${SERVER_STREAM}" is a streaming method — use client.stream instead.`,
  });
  assert.throws(() => stream(ECHO as never), {
    rawMessage: `catalogClient.stream: "${ECHO}" is a unary method — use client.call instead.`,
  });
  const none = `no route for "${EchoService.typeName}"`;
  await assert.rejects(call(ECHO, {}), { rawMessage: `catalogClient.call: ${none}: the resolver returned null.` });
  await assert.rejects(texts(stream(SERVER_STREAM)({}, { endpoint: "b" })), {
    code: Code.Unavailable,
    rawMessage: `catalogClient.stream: ${none} (endpoint "b"): the resolver returned null.`,
  });
  await assert.rejects(call(ECHO, {}, { endpoint: "throws" }), {
    code: Code.Internal,
    rawMessage: `catalogClient.call: the resolver threw while resolving "${EchoService.typeName}".`,
    cause: thrown,
  });
});

test("the client of a catalog needs both options, and no other", () => {
  const resolver = () => null;
  const wrong: [unknown, string][] = [
    [{ resolver }, "createCatalogClient: catalog is missing"],
    [{ catalog }, "createCatalogClient: resolver is missing"],
    [
      { catalog, resolver, catalogue: 1 },
      'createCatalogClient: there is no option "catalogue". Did you mean "catalog"?',
    ],
    [{ catalog, resolver: 5 }, "createCatalogClient: resolver must be a function, not 5"],
  ];
  for (const [options, message] of wrong) assert.throws(() => createCatalogClient(options as never), { message });
});

/** EchoService on connect-node's server, which shows its sessions. Resolves to the port. */
async function http2Server(t: TestContext, sessions: Set<Http2Session>): Promise<number> {
  const server = createHttp2Server(
    connectNodeAdapter({ routes: (router) => router.service(EchoService, { echo: ({ text }) => ({ text }) }) }),
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
