// A call in process and the same call over the wire: what the client gets, and what the handler sees, is the same.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createLocalTransport } from "@connectum/core";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import type { EchoClient } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";

type Impl = Partial<ServiceImpl<typeof EchoService>>;

interface Scenario {
  /** Pushes what it sees to `seen`. */
  readonly handlers: (seen: unknown[]) => Impl;
  readonly options?: (seen: unknown[]) => Partial<CreateServerOptions>;
  readonly clientInterceptors?: (seen: unknown[]) => Interceptor[];
  /** Resolves to what the client sees. */
  readonly call: (client: EchoClient, seen: readonly unknown[]) => Promise<unknown>;
}

/** Headers that the application has set. */
const own = (headers: Headers) => [...headers].filter(([name]) => name.startsWith("x-"));

/** The parts of an error that a client may look at. */
async function failing(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    (value) => assert.fail(`it succeeds with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectError)) return error;
  const details = error.findDetails(EchoResponseSchema).map(({ text }) => text);
  return { code: Code[error.code], message: error.rawMessage, metadata: own(error.metadata), details };
}

async function texts(responses: AsyncIterable<{ text: string }>, into: string[] = []): Promise<string[]> {
  for await (const { text } of responses) into.push(text);
  return into;
}

async function* requests(...all: string[]) {
  for (const text of all) yield { text };
}

/** Rejects when the signal aborts. Notes that it waits, and why it does no more. */
const aborted = (context: HandlerContext, seen: unknown[]) =>
  new Promise<never>((_, reject) => {
    seen.push("waiting");
    context.signal.addEventListener("abort", () => {
      const { reason } = context.signal;
      seen.push(["aborted", reason instanceof ConnectError ? [Code[reason.code], reason.rawMessage] : reason]);
      reject(reason);
    });
  });

const echoing: Scenario["handlers"] = (seen) => ({
  echo(request, context) {
    seen.push(request, own(context.requestHeader), context.method.name, context.timeoutMs() === undefined);
    context.responseHeader.set("x-head", "h");
    context.responseTrailer.append("x-trail", "one");
    context.responseTrailer.append("x-trail", "two");
    return { text: request.text, payload: request.payload };
  },
  async *echoServerStream(request, context) {
    seen.push(request, own(context.requestHeader));
    context.responseHeader.set("x-head", "h");
    for (let index = 0; index < request.count; index += 1) yield { text: `${request.text}${index}`, index };
    context.responseTrailer.set("x-trail", "t");
  },
  async echoClientStream(all, context) {
    seen.push(own(context.requestHeader));
    const text = (await texts(all)).join(",");
    return { text };
  },
  async *echoBidiStream(all, context) {
    context.responseHeader.set("x-head", "h");
    for await (const { text } of all) yield { text };
    context.responseTrailer.set("x-trail", "t");
  },
});

const failure = () =>
  new ConnectError("no, not ü", Code.FailedPrecondition, { "x-reason": "because" }, [
    { desc: EchoResponseSchema, value: { text: "a detail" } },
  ]);

/** Every method fails with what `thrown` makes. */
const throwing =
  (thrown: () => unknown): Scenario["handlers"] =>
  () => ({
    echo(_, context) {
      context.responseHeader.set("x-head", "h");
      context.responseTrailer.set("x-trail", "t");
      throw thrown();
    },
    async *echoServerStream(_, context) {
      context.responseHeader.set("x-head", "h");
      yield { text: "first" };
      context.responseTrailer.set("x-trail", "t");
      throw thrown();
    },
    async echoClientStream(all) {
      for await (const _ of all) throw thrown();
      return {};
    },
    // biome-ignore lint/correctness/useYield: it fails before
    async *echoBidiStream() {
      throw thrown();
    },
  });

/** A call of each kind. */
const allKinds = async (client: EchoClient) => {
  const streamed: string[] = [];
  return {
    unary: await failing(client.echo({ text: "a" })),
    server: await failing(texts(client.echoServerStream({ text: "a" }), streamed)),
    streamed,
    client: await failing(client.echoClientStream(requests("a", "b"))),
    bidi: await failing(texts(client.echoBidiStream(requests("a")))),
  };
};

const throwingAtOnce: Interceptor = () => () => {
  throw new Error("mine");
};

const throwingWhenMade: Interceptor = () => {
  throw new Error("mine");
};

/** Records headers and messages as they pass. */
const recording =
  (name: string, seen: unknown[]): Interceptor =>
  (next) =>
  async (request) => {
    seen.push([name, request.stream, request.method.name, request.service.typeName, own(request.header)]);
    request.header.append("x-from", name);
    const response = await next(request);
    response.header.append("x-passed", name);
    seen.push([name, "response", response.stream, own(response.header)]);
    return response;
  };

const metadataOf = async (call: (options: object) => Promise<unknown>) => {
  const got: unknown[] = [];
  const onHeader = (header: Headers) => got.push(own(header));
  const onTrailer = (trailer: Headers) => got.push(own(trailer));
  const headers = new Headers([
    ["x-ask", "a"],
    ["x-ask", "b"],
  ]);
  return [await call({ headers, onHeader, onTrailer }), got];
};

/** The number of notes of a handler that has waited, and has been aborted. */
const WAITED = 2;

const waiting: Scenario["handlers"] = (seen) => ({
  echo: (_, context) => aborted(context, seen),
  async *echoServerStream(_, context) {
    yield { text: "first" };
    await aborted(context, seen);
  },
  async echoClientStream(all, context) {
    // Over the wire node:http2 ends the requests before it resets the stream, so this may resolve.
    const reading = texts(all).catch(() => {});
    await aborted(context, seen).catch(() => {});
    await reading;
    return {};
  },
});

/** Makes a call, aborts it when its handler waits, and waits until the handler has noticed. */
async function abortedCall(
  call: (signal: AbortSignal) => Promise<unknown>,
  seen: readonly unknown[],
  reason?: unknown,
) {
  const controller = new AbortController();
  const failed = failing(call(controller.signal));
  await eventually(() => seen.length >= 1, "the handler waits");
  controller.abort(reason);
  const error = await failed;
  await eventually(() => seen.length >= WAITED, "the handler notices");
  return error;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "messages, headers and trailers of a unary call": {
    handlers: echoing,
    call: (client) =>
      metadataOf((options) => client.echo({ text: "é", count: -1, payload: new Uint8Array([1, 2]) }, options)),
  },
  "messages, headers and trailers of a server stream": {
    handlers: echoing,
    call: (client) => metadataOf((options) => texts(client.echoServerStream({ text: "a", count: 300 }, options))),
  },
  "an empty server stream": {
    handlers: echoing,
    call: (client) => metadataOf((options) => texts(client.echoServerStream({ text: "a" }, options))),
  },
  "a client stream": {
    handlers: echoing,
    call: (client) => metadataOf((options) => client.echoClientStream(requests("a", "b", "c"), options)),
  },
  "a client stream without messages": {
    handlers: echoing,
    call: async (client) => (await client.echoClientStream(requests())).text,
  },
  "a client stream of many messages": {
    handlers: echoing,
    call: async (client) => {
      const many = Array.from({ length: 500 }, (_, index) => `${index}`);
      return (await client.echoClientStream(requests(...many))).text;
    },
  },
  "a bidi stream": {
    handlers: echoing,
    call: (client) => metadataOf((options) => texts(client.echoBidiStream(requests("a", "b"), options))),
  },
  "an error with details and metadata": { handlers: throwing(failure), call: allKinds },
  "a plain Error": { handlers: throwing(() => new Error("secret")), call: allKinds },
  "a thrown undefined": { handlers: throwing(() => undefined), call: allKinds },
  "a code that does not exist": {
    handlers: throwing(() => new ConnectError("what", 99 as Code)),
    call: allKinds,
  },
  "a code that is none": {
    handlers: throwing(() => new ConnectError("what", "Canceled" as never)),
    call: allKinds,
  },
  "no request": {
    handlers: echoing,
    call: async (client) => (await client.echo(undefined as never)).text,
  },
  "half of a surrogate pair in an error": { handlers: throwing(() => new ConnectError("a\ud800b")), call: allKinds },
  "an error whose text is longer than is sent": {
    handlers: throwing(() => new ConnectError(`${"m".repeat(64 * 1024 - 1)}ü\ud800${"m".repeat(1_000)}`)),
    call: allKinds,
  },
  "an error without a text": { handlers: throwing(() => new ConnectError("", Code.NotFound)), call: allKinds },
  "methods without a handler": { handlers: () => ({}), call: allKinds },
  "fields that only protocols may write": {
    handlers: () => ({
      echo(_, { responseHeader, responseTrailer }) {
        responseHeader.set("content-length", "1");
        responseHeader.set("grpc-status", "3");
        responseHeader.set("content-type", "text/plain");
        responseHeader.set("content-encoding", "gzip");
        responseTrailer.set("x-trail", "t");
        return {};
      },
    }),
    call: async (client) => {
      const got: unknown[] = [];
      const note = (headers: Headers) => {
        for (const name of ["grpc-status", "content-type", "content-encoding", "x-trail"]) got.push(headers.get(name));
      };
      await client.echo({}, { onHeader: note, onTrailer: note });
      return got;
    },
  },
  "a request that is too large": {
    handlers: echoing,
    options: () => ({ readMaxBytes: 100 }),
    // The text has the size of the message if it is known, which it is not over the wire.
    call: async (client) => {
      const { code } = (await failing(client.echo({ payload: new Uint8Array(200) }))) as { code: string };
      return code;
    },
  },
  "a request that is as large as it may be": {
    handlers: echoing,
    options: () => ({ readMaxBytes: toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "0123" })).length }),
    call: async (client) => (await client.echo({ text: "0123" })).text,
  },
  "a response that is too large": {
    handlers: echoing,
    options: () => ({ writeMaxBytes: 100 }),
    call: (client) => failing(client.echo({ payload: new Uint8Array(200) })),
  },
  "a request that cannot be serialized": {
    handlers: echoing,
    call: async (client) => {
      const { code } = (await failing(client.echo({ count: 1.5 }))) as { code: string };
      return code;
    },
  },
  "a response that is none": {
    handlers: () => ({
      echo: () => 5 as never,
      async *echoServerStream() {
        yield { text: "first" };
        yield { index: 1.5 };
      },
    }),
    call: async (client) => [await failing(client.echo({})), await failing(texts(client.echoServerStream({})))],
  },
  "values that the wire changes": {
    handlers: echoing,
    call: async (client) => (await client.echo({ text: "a\ud800", payload: Buffer.from("buffer") })).text,
  },
  "interceptors of server and client, in their order": {
    handlers: echoing,
    options: (seen) => ({ interceptors: [recording("server 1", seen), recording("server 2", seen)] }),
    clientInterceptors: (seen) => [recording("client 1", seen), recording("client 2", seen)],
    call: async (client) => [
      await metadataOf((options) => client.echo({ text: "a" }, options)),
      await metadataOf((options) => texts(client.echoServerStream({ text: "a", count: 2 }, options))),
      await metadataOf((options) => client.echoClientStream(requests("a"), options)),
    ],
  },
  "an interceptor of the server that fails": {
    handlers: echoing,
    options: () => ({
      interceptors: [
        () => () => {
          throw failure();
        },
      ],
    }),
    call: allKinds,
  },
  "an interceptor of the client that fails": {
    handlers: echoing,
    clientInterceptors: () => [() => () => Promise.reject(new Error("mine"))],
    call: allKinds,
  },
  "an interceptor of the client that throws at once": {
    handlers: echoing,
    clientInterceptors: () => [(next) => (request) => next(request), throwingAtOnce],
    call: allKinds,
  },
  "an interceptor of the client that throws at once, within one that is asynchronous": {
    handlers: echoing,
    clientInterceptors: () => [(next) => async (request) => next(request), throwingAtOnce],
    call: allKinds,
  },
  "an interceptor of the client that throws while it is made": {
    handlers: echoing,
    clientInterceptors: () => [throwingWhenMade],
    call: allKinds,
  },
  "an interceptor of the client that fails in a call that is canceled already": {
    handlers: echoing,
    clientInterceptors: () => [() => () => Promise.reject(new Error("mine"))],
    call: (client) => failing(client.echo({}, { signal: AbortSignal.abort() })),
  },
  "an interceptor of the client that waits for its signal": {
    handlers: echoing,
    clientInterceptors: () => [
      () => (request) =>
        new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason))),
    ],
    call: async (client) => [
      await failing(client.echo({}, { timeoutMs: 30 })),
      await failing(texts(client.echoServerStream({}, { timeoutMs: 30 }))),
      await failing(client.echo({}, { signal: AbortSignal.timeout(30) })),
    ],
  },
  "an interceptor of the client that takes all the time": {
    // Over the wire the handler may be called, and its response comes too late.
    handlers: () => ({ echo: () => ({}) }),
    clientInterceptors: () => [
      (next) => async (request) => {
        await sleep(60);
        return next(request);
      },
    ],
    call: (client) => failing(client.echo({}, { timeoutMs: 20 })),
  },
  "an interceptor of the client that calls twice, and changes request and response": {
    handlers: echoing,
    clientInterceptors: () => [
      (next) => async (request) => {
        await next(request);
        const again = { ...request, header: new Headers([...request.header, ["x-again", "1"]]) };
        const response = await next(again as typeof request);
        response.header.set("x-changed", "1");
        return { ...response };
      },
    ],
    call: (client) => metadataOf((options) => client.echo({ text: "a" }, options)),
  },
  "an error of a stream behind an interceptor of the client": {
    handlers: throwing(failure),
    clientInterceptors: () => [(next) => (request) => next(request)],
    call: allKinds,
  },
  "responses that nobody has read when the call is canceled": {
    handlers: (seen) => ({
      async *echoServerStream() {
        for (let index = 0; index < 5; index += 1) yield { text: `${index}` };
        seen.push("all sent");
      },
    }),
    call: async (client, seen) => {
      const controller = new AbortController();
      const responses = client.echoServerStream({}, { signal: controller.signal })[Symbol.asyncIterator]();
      await responses.next();
      await eventually(() => seen.length === 1, "the handler ends");
      controller.abort();
      // Over the wire some may have been read already.
      return failing(
        (async () => {
          for (;;) if ((await responses.next()).done) return;
        })(),
      );
    },
  },
  "a deadline that passes": {
    handlers: (seen) => ({
      // Over the wire the client may cancel the call before the server's own clock ends it.
      async echo(_, context) {
        await aborted(context, []).catch(() => seen.push("aborted", context.timeoutMs() !== undefined));
        throw context.signal.reason;
      },
      async *echoServerStream(_, context) {
        yield { text: "first" };
        await aborted(context, []).catch(() => seen.push("aborted"));
      },
    }),
    call: async (client, seen) => {
      const streamed: string[] = [];
      const errors = [
        await failing(client.echo({}, { timeoutMs: 30 })),
        await failing(texts(client.echoServerStream({}, { timeoutMs: 60 }), streamed)),
      ];
      await eventually(() => seen.length === 3, "both handlers notice");
      return [errors, streamed];
    },
  },
  "a timeout of 0, which connect takes for none": {
    handlers: (seen) => ({
      echo(_, context) {
        seen.push(context.timeoutMs());
        return {};
      },
    }),
    call: async (client) => (await client.echo({}, { timeoutMs: 0 })).text,
  },
  "a timeout that is longer than the method allows": {
    handlers: echoing,
    options: () => ({ maxTimeoutMs: 1_000 }),
    call: (client) => failing(client.echo({}, { timeoutMs: 5_000 })),
  },
  "a handler that ignores its deadline": {
    handlers: () => ({
      async echo() {
        await sleep(200);
        return {};
      },
    }),
    call: (client) => failing(client.echo({}, { timeoutMs: 20 })),
  },
  "a unary call that is canceled": {
    handlers: waiting,
    call: (client, seen) => abortedCall((signal) => client.echo({}, { signal }), seen),
  },
  "a call with a signal that has aborted": {
    handlers: waiting,
    call: (client) => failing(client.echo({}, { signal: AbortSignal.abort() })),
  },
  "a call that is canceled with a reason": {
    handlers: waiting,
    call: (client, seen) =>
      abortedCall((signal) => client.echo({}, { signal }), seen, new ConnectError("mine", Code.ResourceExhausted)),
  },
  "a server stream that is canceled": {
    handlers: waiting,
    call: (client, seen) => abortedCall((signal) => texts(client.echoServerStream({}, { signal })), seen),
  },
  "a client stream that is canceled": {
    handlers: waiting,
    call: (client, seen) => {
      async function* slow(signal: AbortSignal) {
        yield { text: "a" };
        await sleep(10_000, undefined, { signal }).catch(() => {});
      }
      return abortedCall((signal) => client.echoClientStream(slow(signal), { signal }), seen);
    },
  },
  "requests that fail": {
    handlers: (seen) => ({
      async echoClientStream(all) {
        seen.push("begins");
        // Over the wire node:http2 ends them before it resets the stream, so the handler may take them for complete.
        await texts(all).catch(() => {});
        seen.push("ends");
        return {};
      },
    }),
    call: async (client, seen) => {
      async function* broken() {
        yield { text: "a" };
        // A stream that is reset before has no handler.
        await eventually(() => seen.length === 1, "the handler begins");
        throw new Error("my own");
      }
      const error = await failing(client.echoClientStream(broken()));
      await eventually(() => seen.length === 2, "the handler ends");
      return error;
    },
  },
  "a handler that ends before it has read all": {
    handlers: () => ({
      async echoClientStream(all) {
        for await (const { text } of all) return { text };
        return {};
      },
    }),
    call: async (client) => {
      async function* endless() {
        for (let index = 0; ; index += 1) {
          yield { text: `${index}` };
          await sleep(1);
        }
      }
      return (await client.echoClientStream(endless())).text;
    },
  },
};

for (const [name, { handlers, options, clientInterceptors, call }] of Object.entries(scenarios)) {
  // contract: I7, D6
  test(`${name}: the same in process as over the wire`, { timeout: 20_000 }, async (t) => {
    const seen: unknown[] = [];
    const { server, url } = await serveEcho(t, handlers(seen), options?.(seen));
    const interceptors = clientInterceptors?.(seen) ?? [];
    const wire = createConnectTransport({ baseUrl: url, httpVersion: "2", interceptors, useBinaryFormat: true });
    const local = createLocalTransport(server, { interceptors });
    const results = [];
    for (const transport of [wire, local]) {
      seen.length = 0;
      const client = createClient(EchoService, transport);
      const got = await call(client, seen);
      results.push({ got, seen: [...seen] });
    }
    const [overTheWire, inProcess] = results;
    assert.deepEqual(inProcess, overTheWire);
    assert.notEqual(inProcess?.got, undefined);
  });
}

const interceptorErrors: Readonly<Record<string, [Interceptor, name: string]>> = {
  "throws at once": [throwingAtOnce, "Error"],
  rejects: [() => () => Promise.reject(new Error("mine")), "ConnectError"],
};

for (const [what, [interceptor, name]] of Object.entries(interceptorErrors)) {
  // contract: I7
  test(`the error of a client interceptor that ${what}: the same over each of connect's transports`, async (t) => {
    const { server, url } = await serveEcho(t, echoing([]));
    const interceptors = [interceptor];
    const transports = [
      createConnectTransport({ baseUrl: url, httpVersion: "2", interceptors }),
      createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors }),
      createGrpcTransport({ baseUrl: url, interceptors }),
      createLocalTransport(server, { interceptors }),
    ];
    for (const transport of transports) {
      const client = createClient(EchoService, transport);
      await assert.rejects(client.echo({}), { name, message: /mine$/ });
      await assert.rejects(texts(client.echoServerStream({})), { name, message: /mine$/ });
    }
  });
}

test("an interceptor of the client that returns no response: an error that says so", async (t) => {
  const { server } = await serveEcho(t, echoing([]));
  for (const [given, text] of [
    [undefined, "undefined"],
    [5, "a number"],
    [Promise.resolve(null), "null"],
  ]) {
    const client = createClient(
      EchoService,
      createLocalTransport(server, { interceptors: [() => () => given as never] }),
    );
    const expected = {
      name: "TypeError",
      message: new RegExp(`^an interceptor returned ${text} instead of a response`),
    };
    await assert.rejects(client.echo({}), expected);
    await assert.rejects(texts(client.echoServerStream({})), expected);
  }
});

test("a call whose client interceptor throws at once leaves no timer", async (t) => {
  const { server } = await serveEcho(t, echoing([]));
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const before = timers();
  for (const interceptor of [throwingAtOnce, throwingWhenMade]) {
    const client = createClient(EchoService, createLocalTransport(server, { interceptors: [interceptor] }));
    await assert.rejects(client.echo({}, { timeoutMs: 60_000 }), { message: "mine" });
  }
  assert.ok(timers() <= before);
});
