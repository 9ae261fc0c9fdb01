// The interceptors of @connectum/interceptors around handlers and clients, by all three protocols.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import {
  createBulkheadInterceptor,
  createCircuitBreakerInterceptor,
  createDefaultInterceptors,
  createErrorHandlerInterceptor,
  createFallbackInterceptor,
  createLoggerInterceptor,
  createMethodFilterInterceptor,
  createRetryInterceptor,
  createTimeoutInterceptor,
  type DefaultInterceptorOptions,
} from "@connectum/interceptors";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { collect, type EchoClient, type EchoImpl, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { type ClientCase, protocolClients } from "./support/transports.ts";

interface Sides {
  readonly server?: Interceptor[];
  readonly client?: Interceptor[];
}

async function clientOf(
  t: TestContext,
  { transport }: ClientCase,
  impl: EchoImpl,
  { server = [], client = [] }: Sides,
) {
  const served = await serveEcho(t, impl, { interceptors: server });
  return { client: createClient(EchoService, transport(served.url, { interceptors: client })), ...served };
}

/** A handler that never responds, and ends with its signal. */
const untilAborted = (context: HandlerContext) =>
  new Promise<never>((_, reject) => {
    context.signal.addEventListener("abort", () => reject(context.signal.reason));
  });

/** One call of each kind. */
async function callAll(client: EchoClient) {
  return [
    (await client.echo({ text: "a" })).text,
    await collect(client.echoServerStream({ text: "b" })),
    (await client.echoClientStream(texts("c", "d"))).text,
    await collect(client.echoBidiStream(texts("e", "f"))),
  ];
}

const answers = [
  "a",
  [
    ["b", 0],
    ["b", 1],
  ],
  "c,d",
  [
    ["e", 0],
    ["f", 1],
  ],
];

/** All interceptors, also for streams. */
const everything = (): Interceptor[] => {
  const skipStreaming = false;
  const options: DefaultInterceptorOptions = {
    errorHandler: { logErrors: false },
    fallback: { handler: () => ({ text: "fallback" }), skipStreaming },
    timeout: { skipStreaming },
    bulkhead: { skipStreaming },
    circuitBreaker: { skipStreaming },
    retry: { skipStreaming },
    serializer: true,
  };
  const logger = createLoggerInterceptor({ logger: () => {} });
  return [...createDefaultInterceptors(options), logger, createMethodFilterInterceptor({ "*": [logger] })];
};

const secret = new Error("password of root is 1234");
const silent = () => createErrorHandlerInterceptor({ logErrors: false });

for (const protocol of protocolClients) {
  const { name } = protocol;

  // contract: SER-6, SER-7, SC-7
  test(`${name}: with all interceptors on both sides every kind of call works`, { timeout: 20_000 }, async (t) => {
    const { client } = await clientOf(t, protocol, echoAll, { server: everything(), client: everything() });
    for (let round = 0; round < 3; round++) assert.deepEqual(await callAll(client), answers);
  });

  // contract: SC-1, SC-2, SC-3, EH-13
  test(`${name}: shortcomings 1 to 3, errors leak, and those of streams are not handled: neither happens, on any kind of call`, {
    timeout: 20_000,
  }, async (t) => {
    const reported: unknown[] = [];
    const failing: EchoImpl = {
      echo: () => Promise.reject(Object.assign(secret, { code: Code.NotFound })),
      async *echoServerStream() {
        yield { text: "begun" };
        throw secret;
      },
      echoClientStream: () => Promise.reject(secret),
      // biome-ignore lint/correctness/useYield: it fails before.
      async *echoBidiStream() {
        throw secret;
      },
    };
    const handler = createErrorHandlerInterceptor({ onError: ({ error }) => void reported.push(error.cause) });
    const { client, logged } = await clientOf(t, protocol, failing, { server: [handler] });
    const calls = [
      () => client.echo({}),
      () => collect(client.echoServerStream({})),
      () => client.echoClientStream(texts("a")),
      () => collect(client.echoBidiStream(texts("a"))),
    ];
    for (const call of calls) await assert.rejects(call(), { code: Code.Internal, rawMessage: "internal error" });
    assert.deepEqual(reported, [secret, secret, secret, secret]);
    assert.equal(logged.length, 0);
  });

  // contract: EH-3
  test(`${name}: the client gets clientMessage and code of a sanitizable error`, async (t) => {
    const error = Object.assign(new Error("a"), { code: 9, clientMessage: "try again", serverDetails: {} });
    const { client } = await clientOf(t, protocol, { echo: () => Promise.reject(error) }, { server: [silent()] });
    await assert.rejects(client.echo({}), { code: Code.FailedPrecondition, rawMessage: "try again" });
  });

  // contract: FB-4, FB-7, SC-4, SC-5
  test(`${name}: shortcomings 4 and 5, fallback breaks gRPC and rejects plain objects: its response arrives, without headers of the request`, async (t) => {
    const fallback = createFallbackInterceptor({ handler: () => ({ text: "cached", index: 3 }) });
    const down: EchoImpl = {
      echo: () => {
        throw new ConnectError("down", Code.Unavailable);
      },
    };
    const { client } = await clientOf(t, protocol, down, { server: [fallback] });
    const headers = { "x-secret": "1" };
    let header = new Headers();
    const onHeader = (received: Headers) => {
      header = received;
    };
    const { text, index } = await client.echo({}, { headers, onHeader });
    assert.deepEqual([text, index, header.get("x-secret")], ["cached", 3, null]);
    const onClient = await clientOf(t, protocol, down, { client: [fallback] });
    assert.equal((await onClient.client.echo({})).text, "cached");
  });

  // contract: TO-3, TO-4, SC-8
  test(`${name}: shortcoming 8, timeout does not cancel: the handler's signal aborts, and its bulkhead slot is free again`, {
    timeout: 20_000,
  }, async (t) => {
    let reason: unknown;
    const hanging: EchoImpl = {
      echo: async (_, context) => {
        await untilAborted(context).catch((error) => {
          reason = error;
        });
        // Ignores the abort.
        return new Promise<never>(() => {});
      },
      echoGet: ({ text }) => ({ text }),
    };
    const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 0 });
    const timeout = createTimeoutInterceptor({ duration: 30 });
    const { client } = await clientOf(t, protocol, hanging, { server: [timeout, bulkhead] });
    await assert.rejects(client.echo({}), { code: Code.DeadlineExceeded, rawMessage: "Request timeout after 30ms" });
    assert.equal((reason as ConnectError).code, Code.DeadlineExceeded);
    await eventually(() => bulkhead.usage().active === 0, "the slot is free");
    assert.equal((await client.echoGet({ text: "a" })).text, "a");
  });

  test(`${name}: the signal aborts for work that outlives its call, also inside a timeout`, async (t) => {
    let signal: AbortSignal | undefined;
    const echo: EchoImpl["echo"] = (_, context) => {
      ({ signal } = context);
      return {};
    };
    const { client } = await clientOf(t, protocol, { echo }, { server: [createTimeoutInterceptor()] });
    await client.echo({});
    await eventually(() => signal?.aborted === true, "the signal aborts");
  });

  // contract: TO-4, SC-8
  test(`${name}: shortcoming 8, timeout of a client: the call is cancelled on the server`, {
    timeout: 20_000,
  }, async (t) => {
    let isAborted = false;
    const hanging: EchoImpl = {
      echo: (_, context) =>
        untilAborted(context).finally(() => {
          isAborted = true;
        }),
    };
    const { client } = await clientOf(t, protocol, hanging, { client: [createTimeoutInterceptor({ duration: 30 })] });
    await assert.rejects(client.echo({}), { code: Code.DeadlineExceeded, rawMessage: "Request timeout after 30ms" });
    await eventually(() => isAborted, "the handler's signal aborts");
  });

  // contract: RT-3, RT-7
  test(`${name}: a client retries, and a server may, too`, { timeout: 20_000 }, async (t) => {
    for (const side of ["client", "server"] as const) {
      let calls = 0;
      const flaky: EchoImpl = {
        echo: ({ text }) => {
          calls += 1;
          if (calls < 3) throw new ConnectError("busy", Code.Unavailable);
          return { text };
        },
      };
      const { client } = await clientOf(t, protocol, flaky, { [side]: [createRetryInterceptor({ initialDelay: 0 })] });
      assert.equal((await client.echo({ text: "a" })).text, "a");
      assert.equal(calls, 3);
    }
  });

  // contract: RT-10, SC-9
  test(`${name}: shortcoming 9, retry ignores deadlines: the deadline of the call ends it`, {
    timeout: 20_000,
  }, async (t) => {
    let calls = 0;
    const down: EchoImpl = {
      echo: () => {
        calls += 1;
        throw new ConnectError("busy", Code.Unavailable);
      },
    };
    const retry = createRetryInterceptor({ initialDelay: 1e9, maxDelay: 1e9 });
    const { client } = await clientOf(t, protocol, down, { client: [retry] });
    await assert.rejects(client.echo({}, { timeoutMs: 100 }), { code: Code.DeadlineExceeded });
    assert.equal(calls, 1);
  });

  // contract: CB-8, SC-3
  test(`${name}: a client's breaker opens, by failures of streams too`, { timeout: 20_000 }, async (t) => {
    const down: EchoImpl = {
      echo: () => Promise.reject(secret),
      async *echoServerStream() {
        yield { text: "begun" };
        throw secret;
      },
    };
    const breaker = createCircuitBreakerInterceptor({ threshold: 2, skipStreaming: false });
    const { client } = await clientOf(t, protocol, down, { server: [silent()], client: [breaker] });
    await assert.rejects(collect(client.echoServerStream({})), { code: Code.Internal });
    await assert.rejects(client.echo({}), { code: Code.Internal });
    await assert.rejects(client.echo({}), {
      code: Code.Unavailable,
      rawMessage: "Circuit breaker is open (2 consecutive failures)",
    });
    assert.equal(breaker.state(), "open");
  });

  // contract: LOG-4, LOG-5
  test(`${name}: client and server log the same about a call`, { timeout: 20_000 }, async (t) => {
    const lines = { server: [] as string[], client: [] as string[] };
    const logging = (side: keyof typeof lines) =>
      createLoggerInterceptor({ logger: (text) => void lines[side].push(text.replace(/\d+\.\d\dms/, "?ms")) });
    const { client } = await clientOf(t, protocol, echoAll, {
      server: [logging("server")],
      client: [logging("client")],
    });
    await client.echo({ text: "a" });
    await collect(client.echoServerStream({ text: "b" }));
    await eventually(() => lines.server.length === lines.client.length, "the server has seen the end of the stream");
    const path = "/connectum.test.v1.EchoService";
    const expected = [
      `RPC ${path}/Echo request`,
      `RPC ${path}/Echo response`,
      `RPC ${path}/Echo completed in ?ms`,
      `STREAM ${path}/EchoServerStream request`,
      `STREAM ${path}/EchoServerStream response`,
      `STREAM ${path}/EchoServerStream response`,
      `RPC ${path}/EchoServerStream completed in ?ms`,
    ];
    assert.deepEqual(lines, { server: expected, client: expected });
  });
}

// contract: SC-1, EH-6
test("shortcoming 1, in production: the log has the errors that clients do not get, and not those that they get", async (t) => {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  const interceptors = createDefaultInterceptors();
  if (before === undefined) delete process.env["NODE_ENV"];
  else process.env["NODE_ENV"] = before;
  const twoTexts = Object.assign(new Error("row 7"), {
    code: 9,
    clientMessage: "try again",
    serverDetails: { row: 7 },
  });
  const failing: EchoImpl = {
    echo: () => Promise.reject(secret),
    echoGet: () => Promise.reject(new ConnectError("no such thing", Code.NotFound)),
    // biome-ignore lint/correctness/useYield: it fails before.
    async *echoServerStream() {
      throw twoTexts;
    },
  };
  const [protocol] = protocolClients;
  assert.ok(protocol);
  const { client, logged } = await clientOf(t, protocol, failing, { server: interceptors });
  await assert.rejects(client.echo({}), { rawMessage: "internal error" });
  await assert.rejects(client.echoGet({}), { rawMessage: "no such thing" });
  await assert.rejects(collect(client.echoServerStream({})), { rawMessage: "try again" });
  assert.deepEqual(logged, [
    ["rpc Echo of connectum.test.v1.EchoService failed: [internal] internal error", secret],
    ["rpc EchoServerStream of connectum.test.v1.EchoService failed: [failed_precondition] try again", twoTexts],
  ]);
});

test("a method filter on one service, and its patterns on a client", { timeout: 20_000 }, async (t) => {
  const [protocol] = protocolClients;
  assert.ok(protocol);
  const seen: string[] = [];
  const mark =
    (label: string): Interceptor =>
    (next) =>
    (request) => {
      seen.push(`${label} ${request.method.name}`);
      return next(request);
    };
  const filter = (side: string) =>
    createMethodFilterInterceptor({ "connectum.test.v1.EchoService/Echo": [mark(side)], "*": [mark(`${side} any`)] });
  const { client } = await clientOf(t, protocol, echoAll, { server: [filter("server")], client: [filter("client")] });
  await client.echo({ text: "a" });
  await client.echoClientStream(texts("a"));
  assert.deepEqual(seen, [
    "client any Echo",
    "client Echo",
    "server any Echo",
    "server Echo",
    "client any EchoClientStream",
    "server any EchoClientStream",
  ]);
});
