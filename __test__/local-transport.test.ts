// Calls in process: when they work, what their handlers see, and what shutdown does to them. That they are like calls
// over the wire is in local-parity.test.ts.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { clone, create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type MethodDescriptorProto } from "@bufbuild/protobuf/wkt";
import {
  Code,
  type ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  CatalogConfigError,
  type CreateServerOptions,
  createLocalTransport,
  createServer,
  defineLazyService,
} from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { Health } from "@connectum/healthcheck/proto";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { EchoRequestSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { echoAll } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { serve } from "./support/serve.ts";

type Impl = Partial<ServiceImpl<typeof EchoService>>;

/** A server that never starts. */
function serverOf(impl: Impl, options: Partial<CreateServerOptions> = {}) {
  return createServer({ services: [(router) => router.service(EchoService, impl)], ...options });
}

const clientOf = (server: object, interceptors: Interceptor[] = []) =>
  createClient(EchoService, createLocalTransport(server as never, { interceptors }));

// contract: I1
test("calls work before the server starts, while it runs, and for one that never starts", async () => {
  const server = serverOf(echoAll, { port: 0, host: "127.0.0.1", logger: silent() });
  const client = clientOf(server);
  assert.equal((await client.echo({ text: "before" })).text, "before");
  assert.throws(() => server.addService(() => {}), { message: /routes have already been materialized/ });
  await server.start();
  assert.equal((await client.echo({ text: "running" })).text, "running");
  await server.stop();
});

// contract: I1
test("once the server has stopped, calls are unavailable, those of each client", async (t) => {
  const { server } = await serve(t, { services: [(router) => router.service(EchoService, echoAll)] });
  const clients = [clientOf(server), server.localClient(EchoService), server.client(EchoService)];
  for (const client of clients) await client.echo({});
  await server.stop();
  for (const client of [...clients, clientOf(server)]) {
    await assert.rejects(client.echo({}), { code: Code.Unavailable, rawMessage: "the server has stopped" });
    await assert.rejects(client.echoClientStream(many(1)), { code: Code.Unavailable });
  }
});

test("after a start that fails, calls are unavailable", async () => {
  const server = serverOf(echoAll, { port: 0, host: "256.0.0.1", logger: silent() });
  await assert.rejects(server.start());
  await assert.rejects(clientOf(server).echo({}), { code: Code.Unavailable });
});

// contract: I2
test("only a server of createServer() has a local transport, and only known options", () => {
  const text = "createLocalTransport: argument is not a Connectum Server instance (missing internal accessors).";
  for (const wrong of [{}, null, undefined, 5, "server", new Map(), { hasService: () => true }]) {
    assert.throws(() => createLocalTransport(wrong as never), { name: "TypeError", message: text });
  }
  const server = serverOf(echoAll);
  assert.throws(() => createLocalTransport(server, { interceptor: [] } as never), {
    message: 'createLocalTransport: there is no option "interceptor". Did you mean "interceptors"?',
  });
  assert.throws(() => createLocalTransport(server, { interceptors: [5] } as never), {
    message: /createLocalTransport: interceptors\[0\]/,
  });
});

// contract: I3, I4, I5
test("interceptors of both sides and the handler see the marker, which nobody can forge or remove", async () => {
  const seen: unknown[] = [];
  const note = (headers: Headers) => seen.push(headers.get("connectum-internal-transport"));
  const noting: Interceptor = (next) => (request) => {
    note(request.header);
    request.header.delete("connectum-internal-transport");
    return next(request);
  };
  const server = serverOf({ echo: (_, { requestHeader }) => ({ text: `${note(requestHeader)}` }) });
  await clientOf(server, [noting]).echo({}, { headers: { "connectum-internal-transport": "forged" } });
  await clientOf(server).echo({}, { headers: { "connectum-internal-transport": "forged" } });
  assert.deepEqual(seen, ["in-process", "in-process", "in-process"]);
});

// contract: I5
test("the handler sees a call of the Connect protocol", async () => {
  const seen: unknown[] = [];
  const note = ({ url, protocolName, requestMethod, requestHeader }: HandlerContext) =>
    seen.push([url, protocolName, requestMethod, requestHeader.get("content-type")]);
  const client = clientOf(
    serverOf({
      echo(_, context) {
        note(context);
        return {};
      },
      async echoClientStream(_, context) {
        note(context);
        return {};
      },
    }),
  );
  await client.echo({});
  await client.echoClientStream(many(0));
  const path = "https://in-memory/connectum.test.v1.EchoService";
  assert.deepEqual(seen, [
    [`${path}/Echo`, "connect", "POST", "application/proto"],
    [`${path}/EchoClientStream`, "connect", "POST", "application/connect+proto"],
  ]);
});

// contract: I6
test("messages and headers are copies, both ways", async () => {
  const kept: { request?: unknown; response?: { text: string; payload: Uint8Array } } = {};
  const server = serverOf({
    echo(request, { requestHeader }) {
      kept.request = request;
      request.text = "changed by the handler";
      requestHeader.set("x-ask", "changed by the handler");
      kept.response = { text: "response", payload: new Uint8Array([1]) };
      return kept.response;
    },
  });
  const headers = new Headers({ "x-ask": "asked" });
  const request = create(EchoRequestSchema, { text: "request" });
  const call = clientOf(server).echo(request, { headers });
  request.text = "changed by the client";
  const response = await call;
  assert.notEqual(kept.request, request);
  assert.equal(request.text, "changed by the client");
  assert.equal(headers.get("x-ask"), "asked");
  response.payload[0] = 9;
  assert.deepEqual(kept.response, { text: "response", payload: new Uint8Array([1]) });
});

test("a message that is changed after the call was made arrives as it was", async () => {
  const request = create(EchoRequestSchema, { text: "as it was" });
  const call = clientOf(serverOf(echoAll)).echo(request);
  request.text = "changed";
  assert.equal((await call).text, "as it was");
});

// contract: I8
test("context values of a client arrive; what the server sets does not come back", async () => {
  const key = createContextKey("default");
  const other = createContextKey("default");
  const seen: unknown[] = [];
  const client = clientOf(
    serverOf(
      {
        echo(_, { values }) {
          seen.push(values.get(key), values.get(other));
          values.set(key, "the handler's").delete(other);
          seen.push(values.get(key), values.get(other));
          return {};
        },
      },
      { contextValues: () => createContextValues().set(other, "the server's") },
    ),
  );
  const contextValues = createContextValues().set(key, "the client's").set(other, "the client's");
  await client.echo({}, { contextValues });
  assert.deepEqual(seen, ["the client's", "the server's", "the handler's", "default"]);
  assert.equal(contextValues.get(key), "the client's");
});

test("contextValues of the server sees the request", async () => {
  const seen: unknown[] = [];
  const server = serverOf(echoAll, {
    contextValues: ({ method, url, httpVersion, headers }) => {
      seen.push(method, url, httpVersion, headers["x-ask"]);
      return createContextValues();
    },
  });
  await clientOf(server).echo({}, { headers: { "x-ask": "asked" } });
  assert.deepEqual(seen, ["POST", "/connectum.test.v1.EchoService/Echo", "2.0", "asked"]);
});

test("the async context of the caller is that of the handler, and the handler's own stays with it", async () => {
  const storage = new AsyncLocalStorage<string>();
  const server = serverOf({
    async echo() {
      await turn();
      const text = `${storage.getStore()}`;
      storage.enterWith("the handler's");
      return { text };
    },
  });
  const client = clientOf(server);
  await storage.run("the caller's", async () => {
    assert.equal((await client.echo({})).text, "the caller's");
    assert.equal(storage.getStore(), "the caller's");
  });
});

test("the handler runs after the code that makes the call", async () => {
  const order: string[] = [];
  const client = clientOf(
    serverOf({
      echo() {
        order.push("handler");
        return {};
      },
    }),
  );
  const call = client.echo({});
  order.push("caller");
  await call;
  assert.deepEqual(order, ["caller", "handler"]);
});

test("calls and streams that are always ready leave timers their turn", { timeout: 20_000 }, async () => {
  const client = clientOf(
    serverOf({
      ...echoAll,
      async *echoServerStream() {
        for (;;) yield {};
      },
      async *echoBidiStream(requests) {
        for await (const _ of requests) yield {};
      },
    }),
  );
  const until = (stop: { now: boolean }) => setTimeout(() => (stop.now = true), 10);
  const [calls, stream, bidi] = [{ now: false }, { now: false }, { now: false }];
  until(calls);
  while (!calls.now) await client.echo({});
  until(stream);
  for await (const _ of client.echoServerStream({})) if (stream.now) break;
  until(bidi);
  async function* requests() {
    while (!bidi.now) yield {};
  }
  for await (const _ of client.echoBidiStream(requests())) if (bidi.now) break;
});

test("a stream is read no faster than it is written to, in both directions", async () => {
  const made = { requests: 0, responses: 0 };
  const ending = deferred();
  const server = serverOf({
    async *echoServerStream() {
      for (;;) {
        made.responses += 1;
        yield {};
      }
    },
    async echoClientStream(requests) {
      for await (const _ of requests) {
        await ending.promise;
        return {};
      }
      return {};
    },
  });
  const client = clientOf(server);
  const responses = client.echoServerStream({})[Symbol.asyncIterator]();
  await responses.next();
  async function* requests() {
    for (;;) {
      made.requests += 1;
      yield {};
    }
  }
  const call = client.echoClientStream(requests());
  await sleep(50);
  assert.ok(made.requests < 200, `${made.requests} requests`);
  assert.ok(made.responses < 200, `${made.responses} responses`);
  ending.resolve();
  await call;
});

test("a stream that its reader leaves ends for the handler", async () => {
  let ended = "";
  const transport = createLocalTransport(
    serverOf({
      async *echoServerStream(_, { signal }) {
        try {
          for (;;) yield {};
        } finally {
          ended = `${Code[(signal.reason as ConnectError).code]}`;
        }
      },
    }),
  );
  const method = EchoService.method.echoServerStream;
  const { message } = await transport.stream(method, undefined, undefined, undefined, many(1));
  for await (const _ of message) break;
  await eventually(() => ended !== "", "the generator ends");
  assert.equal(ended, "Canceled");
});

for (const [what, input, code, text] of [
  ["no message", many(0), Code.Unimplemented, "protocol error: missing input message for server-streaming method"],
  [
    "two messages",
    many(2),
    Code.Unimplemented,
    "protocol error: received extra input message for server-streaming method",
  ],
] as const) {
  test(`${what} for a method that takes one is an error`, async () => {
    const transport: Transport = createLocalTransport(serverOf(echoAll));
    const method = EchoService.method.echoServerStream;
    await assert.rejects(transport.stream(method, undefined, undefined, undefined, input), {
      code,
      rawMessage: text,
    });
  });
}

for (const interceptors of [[], [((next) => (request) => next(request)) satisfies Interceptor]]) {
  const behind = interceptors.length === 0 ? "" : ", behind an interceptor too";
  test(`requests that are no async iterable are an error that says so${behind}`, async () => {
    const client = clientOf(serverOf(echoAll), interceptors);
    for (const [requests, text] of [
      [undefined, "undefined"],
      [{}, "an object"],
      [[{ text: "a" }], "an array"],
    ] as const) {
      const expected = {
        name: "TypeError",
        message:
          "the requests of connectum.test.v1.EchoService/EchoClientStream must be an async iterable, " +
          `for example an async generator, not ${text}`,
      };
      await assert.rejects(client.echoClientStream(requests as never), expected);
    }
  });
}

/** EchoService of other generated code, in which a method may be of another kind. */
function otherEcho(change: (method: MethodDescriptorProto) => void = () => {}) {
  const { file } = EchoService;
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  for (const method of proto.service.flatMap((service) => service.method)) change(method);
  const files = [...file.dependencies.map((dependency) => dependency.proto), proto];
  const other = createFileRegistry(create(FileDescriptorSetSchema, { file: files })).getService(EchoService.typeName);
  assert.ok(other !== undefined);
  return other as typeof EchoService;
}

test("a client with generated code of its own gets messages and methods of it", async () => {
  const other = otherEcho();
  const transport = createLocalTransport(serverOf(echoAll));
  const unary = await transport.unary(other.method.echo, undefined, undefined, undefined, { text: "a" });
  const stream = await transport.stream(other.method.echoClientStream, undefined, undefined, undefined, many(1));
  for (const [response, method] of [
    [unary, other.method.echo],
    [stream, other.method.echoClientStream],
  ] as const) {
    assert.ok(response.method === method && response.service === other);
  }
  assert.equal(unary.message.text, "a");
});

test("a method that is unary for one side only is an error, as over the wire", async (t) => {
  const { server, url } = await serve(t, { services: [(router) => router.service(EchoService, echoAll)] });
  const other = otherEcho((method) => {
    method.serverStreaming = method.name === "Echo";
  });
  const path = "/connectum.test.v1.EchoService";
  const client = createClient(other, createLocalTransport(server)) as unknown as Swapped;
  const text = "their code was not generated from the same file";
  await assert.rejects(client.echo({})[Symbol.asyncIterator]().next(), {
    code: Code.Unknown,
    rawMessage: `${path}/Echo is unary for the server, and server-streaming for the client: ${text}`,
  });
  await assert.rejects(client.echoServerStream({}), {
    code: Code.Unknown,
    rawMessage: `${path}/EchoServerStream is server-streaming for the server, and unary for the client: ${text}`,
  });
  const overTheWire = createConnectTransport({ baseUrl: url, httpVersion: "2" });
  const wire = createClient(other, overTheWire) as unknown as Swapped;
  await assert.rejects(wire.echo({})[Symbol.asyncIterator]().next(), { code: Code.Unknown });
  await assert.rejects(wire.echoServerStream({}), { code: Code.Unknown });
});

/** A client for which two methods have each other's kind. */
interface Swapped {
  echo(request: object): AsyncIterable<unknown>;
  echoServerStream(request: object): Promise<unknown>;
}

// contract: I9
test("localClient() calls what is mounted, and nothing else", async () => {
  const server = serverOf(echoAll);
  assert.equal((await server.localClient(EchoService).echo({ text: "a" })).text, "a");
  await assert.rejects(server.localClient(Greeter).greet({}), {
    code: Code.Unimplemented,
    rawMessage: "RouterHttpClient: no handler registered for /hello.v1.Greeter/Greet",
  });
});

// contract: I10
test("hasService() knows what is mounted by its name, health too", () => {
  const server = serverOf(echoAll, { protocols: [Healthcheck()] });
  assert.deepEqual(
    [EchoService, Health, Greeter].map((service) => server.hasService(service)),
    [true, true, false],
  );
});

test("health can be asked in process", async () => {
  const server = serverOf(echoAll, { protocols: [Healthcheck()] });
  const { status } = await server.localClient(Health).check({});
  assert.equal(typeof status, "number");
});

const notServices: [value: unknown, text: string][] = [
  [undefined, "undefined"],
  [null, "null"],
  ["hello.v1.Greeter", '"hello.v1.Greeter"'],
  [{}, "an object"],
  [EchoService.method.echo, "an object"],
  [EchoRequestSchema, "an object"],
  [class Greeter {}, "a function"],
];

for (const name of ["client", "localClient", "hasService"] as const) {
  // contract: I9, I10, I11
  test(`${name}() takes the descriptor of a service, and says so of anything else`, () => {
    const server = serverOf(echoAll, { remoteResolver: () => assert.fail("a resolver is asked") });
    for (const [value, text] of notServices) {
      assert.throws(() => server[name](value as never), {
        name: "TypeError",
        message: `${name}: the first argument must be the descriptor of a service, which generated code exports, not ${text}`,
      });
    }
  });
}

test("options about calls are checked even if the server never starts", () => {
  const wrong: [Partial<CreateServerOptions>, RegExp][] = [
    [{ catalog: { "a.A": 5 } as never }, /^createServer: catalog\["a.A"\] must be the descriptor of a service, not 5$/],
    [{ remoteResolver: {} as never }, /^createServer: remoteResolver must be a function, not an object$/],
    [{ propagateHeaders: "x" as never }, /^createServer: propagateHeaders must be an array, not "x"$/],
    [{ outgoingInterceptors: {} as never }, /^createServer: outgoingInterceptors must be an array, not an object$/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => clientOf(serverOf(echoAll, options)), { name: "TypeError", message });
  }
});

// contract: I11, M1
test("client() is local for what is mounted, and its calls have the outgoing interceptors", async () => {
  const seen: string[] = [];
  const outgoing: Interceptor = (next) => (request) => {
    seen.push(request.url);
    return next(request);
  };
  const server = serverOf(echoAll, { outgoingInterceptors: [outgoing] });
  assert.equal((await server.client(EchoService, { endpoint: "ignored" }).echo({ text: "a" })).text, "a");
  assert.deepEqual(seen, ["https://in-memory/connectum.test.v1.EchoService/Echo"]);
  await server.localClient(EchoService).echo({});
  assert.equal(seen.length, 1, "localClient() has none");
});

// contract: I11
test("client() says what is missing for a service that is not mounted", () => {
  const text =
    'Cannot create a client for "hello.v1.Greeter": it is not mounted locally and no remoteResolver is configured. ' +
    "Mount it locally (createServer({ services })) or configure createServer({ remoteResolver }).";
  assert.throws(
    () => serverOf(echoAll).client(Greeter),
    (error) => error instanceof CatalogConfigError && error.message === text,
  );
  const asked: unknown[] = [];
  const none = serverOf(echoAll, {
    remoteResolver: (context) => {
      asked.push(context);
      return null;
    },
  });
  assert.throws(() => none.client(Greeter), {
    code: Code.Unavailable,
    rawMessage: 'No route for service "hello.v1.Greeter": the resolver returned null.',
  });
  assert.throws(() => none.client(Greeter, { endpoint: "b" }), {
    rawMessage: 'No route for service "hello.v1.Greeter" (endpoint "b"): the resolver returned null.',
  });
  assert.deepEqual(asked, [{ typeName: "hello.v1.Greeter" }, { typeName: "hello.v1.Greeter", endpoint: "b" }]);
  const thrown = new Error("mine");
  const throwing = serverOf(echoAll, {
    remoteResolver: () => {
      throw thrown;
    },
  });
  assert.throws(() => throwing.client(Greeter), thrown);
});

// contract: I11, M1
test("client() of a service elsewhere uses the transport of the resolver, behind the outgoing interceptors", async () => {
  const elsewhere = createServer({
    services: [(router) => router.service(Greeter, { greet: () => ({ greeting: "hi" }) })],
  });
  const urls: string[] = [];
  const server = serverOf(echoAll, {
    remoteResolver: () => createLocalTransport(elsewhere),
    outgoingInterceptors: [
      (next) => (request) => {
        urls.push(request.url);
        request.header.set("x-outgoing", "1");
        return next(request);
      },
    ],
  });
  assert.equal((await server.client(Greeter).greet({})).greeting, "hi");
  assert.deepEqual(urls, ["https://remote.invalid/hello.v1.Greeter/Greet"]);
});

test("a service that asks for clients of its server while it is registered gets an error that says when to", () => {
  const server = createServer({
    services: [
      (router) => {
        server.localClient(Greeter);
        router.service(EchoService, echoAll);
      },
    ],
  });
  assert.throws(() => server.hasService(EchoService), { message: /are being registered: localClient\(\), client\(\)/ });
});

// contract: I1
test("calls that a hook or others have begun end with the server", { timeout: 10_000 }, async (t) => {
  const reasons: unknown[] = [];
  const waits = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        reasons.push((signal.reason as ConnectError).code);
        reject(signal.reason);
      });
    });
  const { server } = await serve(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          echo: (_, { signal }) => waits(signal),
          async *echoServerStream(_, { signal }) {
            yield {};
            await waits(signal);
          },
        }),
    ],
  });
  const client = server.localClient(EchoService);
  const failed: Promise<void>[] = [];
  server.onShutdown(async () => {
    const drain = async () => {
      for await (const _ of client.echoServerStream({}));
    };
    for (const call of [client.echo({}), drain()]) failed.push(assert.rejects(call, { code: Code.Unavailable }));
    await turn();
  });
  await server.stop();
  await Promise.all(failed);
  assert.deepEqual(reasons, [Code.Unavailable, Code.Unavailable]);
});

test("calls that never cease do not keep the server from stopping", { timeout: 10_000 }, async (t) => {
  const { server } = await serve(t, {
    shutdown: { timeout: 5_000 },
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            await sleep(5);
            return {};
          },
        }),
    ],
  });
  const client = server.localClient(EchoService);
  let isOver = false;
  const callAgain = async (): Promise<void> => {
    while (!isOver) await client.echo({}).catch(() => (isOver = true));
  };
  const loops = [callAgain(), sleep(2).then(callAgain), sleep(4).then(callAgain)];
  await sleep(20);
  const begun = performance.now();
  await server.stop();
  assert.ok(performance.now() - begun < 2_000);
  await Promise.all(loops);
});

// contract: R7
test("factories run once, whatever asks for the routes, and however often", async (t) => {
  let made = 0;
  const lazy = defineLazyService(EchoService, () => {
    made += 1;
    return { echo: () => ({ text: `${made}` }) } as never;
  });
  const { server } = await serve(t, { services: [lazy] });
  for (const client of [
    clientOf(server),
    clientOf(server),
    server.localClient(EchoService),
    server.client(EchoService),
  ]) {
    assert.equal((await client.echo({})).text, "1");
  }
});

test("the drain waits for a call in process", { timeout: 10_000 }, async (t) => {
  const entered = deferred();
  const leaving = deferred();
  const { server } = await serve(t, {
    shutdown: { timeout: 5_000 },
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            entered.resolve();
            await leaving.promise;
            return { text: "complete" };
          },
        }),
    ],
  });
  const call = server.localClient(EchoService).echo({});
  await entered.promise;
  let hasStopped = false;
  const stopping = server.stop().then(() => {
    hasStopped = true;
  });
  await sleep(50);
  assert.equal(hasStopped, false);
  leaving.resolve();
  assert.equal((await call).text, "complete");
  await stopping;
});

test("at the timeout of the drain, calls in process are aborted as unavailable", { timeout: 10_000 }, async (t) => {
  const entered = deferred();
  let reason: unknown;
  const { server } = await serve(t, {
    shutdown: { timeout: 50 },
    services: [
      (router) =>
        router.service(EchoService, {
          echo: (_, { signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener("abort", () => {
                ({ reason } = signal);
                reject(reason);
              });
              entered.resolve();
            }),
        }),
    ],
  });
  const call = server.localClient(EchoService).echo({});
  const failed = assert.rejects(call, { code: Code.Unavailable, rawMessage: "the server is shutting down" });
  await entered.promise;
  await server.stop();
  await failed;
  assert.equal((reason as ConnectError).code, Code.Unavailable);
});

// contract: I8
test("streams in process are aborted after their grace period; a service's own shutdownSignal counts too", {
  timeout: 10_000,
}, async (t) => {
  const reasons: unknown[] = [];
  const own = new AbortController();
  const entered = [deferred(), deferred()] as const;
  const { server } = await serve(t, {
    shutdown: { timeout: 5_000, streamGracePeriod: 20 },
    services: [
      (router) =>
        router.service(
          EchoService,
          {
            async *echoServerStream(_, { signal }) {
              const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
              entered[0].resolve();
              yield {};
              await aborted;
              reasons.push(signal.reason);
            },
          },
          { shutdownSignal: own.signal },
        ),
      (router) =>
        router.service(Greeter, {
          async *greetAllDay(_, { signal }) {
            const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
            entered[1].resolve();
            yield {};
            await aborted;
            reasons.push((signal.reason as ConnectError).rawMessage);
          },
        }),
    ],
  });
  const drain = async (stream: AsyncIterable<unknown>) => {
    for await (const _ of stream);
  };
  const first = drain(server.localClient(EchoService).echoServerStream({}));
  await entered[0].promise;
  own.abort("the service ends");
  await first;
  const second = drain(server.localClient(Greeter).greetAllDay({}));
  await entered[1].promise;
  await server.stop();
  await second;
  assert.deepEqual(reasons, ["the service ends", "the server is shutting down"]);
});

test("while the server drains, a handler may still call other services of it", { timeout: 10_000 }, async (t) => {
  const entered = deferred();
  const leaving = deferred();
  const { server } = await serve(t, {
    shutdown: { timeout: 5_000 },
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            entered.resolve();
            await leaving.promise;
            return { text: (await server.localClient(Greeter).greet({})).greeting };
          },
        }),
      (router) => router.service(Greeter, { greet: () => ({ greeting: "still here" }) }),
    ],
  });
  server.onShutdown(async () => {
    assert.equal((await server.localClient(Greeter).greet({})).greeting, "still here");
  });
  const call = server.localClient(EchoService).echo({});
  await entered.promise;
  const stopping = server.stop();
  leaving.resolve();
  assert.equal((await call).text, "still here");
  await stopping;
});

async function* many(count: number) {
  for (let index = 0; index < count; index += 1) yield { text: `${index}` };
}

function silent() {
  const ignore = () => {};
  return { debug: ignore, info: ignore, warn: ignore, error: ignore };
}
