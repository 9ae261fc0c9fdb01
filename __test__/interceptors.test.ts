// Interceptors around handlers of all four kinds: their order, what they may change, and the async context they make.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { type TestContext, test } from "node:test";
import {
  Code,
  ConnectError,
  createClient,
  createContextKey,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer } from "@connectum/core";
import { createLocalClient } from "@connectum/testing";
import { type EchoRequest, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoClient, echoAll, texts } from "./support/echo-calls.ts";
import { serve } from "./support/serve.ts";
import { nodeClients, protocolClients } from "./support/transports.ts";

type Impl = Partial<ServiceImpl<typeof EchoService>>;
type AnyRequest = UnaryRequest | StreamRequest;
type AnyResponse = UnaryResponse | StreamResponse;

interface Setup extends Partial<CreateServerOptions> {
  /** Of the service alone. */
  own?: Interceptor[];
}

async function clientOf(t: TestContext, impl: Impl, { own, ...options }: Setup, transport = protocolClients[0]) {
  const { url, ...served } = await serve(t, {
    services: [(router) => router.service(EchoService, impl, own && { interceptors: own })],
    ...options,
  });
  assert.ok(transport);
  return { client: createClient(EchoService, transport.transport(url)), ...served };
}

/** One call of each kind with these texts; resolves to the texts of the responses. */
const kinds: { name: string; stream: boolean; call: (client: EchoClient) => Promise<unknown>; gives: unknown }[] = [
  { name: "unary", stream: false, call: async (client) => (await client.echo({ text: "a" })).text, gives: "a" },
  {
    name: "server stream",
    stream: true,
    call: (client) => collect(client.echoServerStream({ text: "a" })),
    gives: [
      ["a", 0],
      ["a", 1],
    ],
  },
  {
    name: "client stream",
    stream: true,
    call: async (client) => (await client.echoClientStream(texts("a", "b"))).text,
    gives: "a,b",
  },
  {
    name: "bidi stream",
    stream: true,
    call: (client) => collect(client.echoBidiStream(texts("a", "b"))),
    gives: [
      ["a", 0],
      ["b", 1],
    ],
  },
];

/** Converts each text to upper case on its way to the handler. */
const shoutRequests: Interceptor = (next) => (request) =>
  request.stream
    ? next({ ...request, message: mapped(request.message, shout) })
    : next({ ...request, message: shout(request.message) });

/** Appends an exclamation mark to each text on its way to the client. */
const exclaimResponses: Interceptor = (next) => async (request) => {
  const response = await next(request);
  return response.stream
    ? { ...response, message: mapped(response.message, exclaim) }
    : { ...response, message: exclaim(response.message) };
};

const shout = <M>(message: M): M => ({ ...message, text: (message as EchoRequest).text.toUpperCase() });
const exclaim = <M>(message: M): M => ({ ...message, text: `${(message as EchoRequest).text}!` });

async function* mapped<M>(messages: AsyncIterable<M>, change: (message: M) => M) {
  for await (const message of messages) yield change(message);
}

for (const { name, call, gives, stream } of kinds) {
  for (const transport of nodeClients) {
    // contract: O-interceptors, D5, DEC-chain, D-options
    test(`${name}: the server's chain is outside, the service's inside (${transport.name})`, {
      timeout: 20_000,
    }, async (t) => {
      const seen: string[] = [];
      const record =
        (label: string): Interceptor =>
        (next) =>
        async (request) => {
          assert.equal(request.stream, stream);
          seen.push(`${label} in`);
          const response = await next(request);
          assert.equal(response.stream, stream);
          seen.push(`${label} out`);
          return response;
        };
      const { client } = await clientOf(
        t,
        echoAll,
        { interceptors: [record("a"), record("b")], own: [record("c")] },
        transport,
      );
      assert.deepEqual(await call(client), gives);
      assert.deepEqual(seen, ["a in", "b in", "c in", "c out", "b out", "a out"]);
    });
  }

  test(`${name}: messages can be replaced in both directions`, { timeout: 20_000 }, async (t) => {
    const { client } = await clientOf(t, echoAll, { interceptors: [exclaimResponses, shoutRequests] });
    const expected = JSON.parse(JSON.stringify(gives).replaceAll("a", "A").replaceAll('b"', 'B"'));
    const marked = JSON.parse(
      JSON.stringify(expected).replace(/"([^"]+)"/g, (_, text: string) => JSON.stringify(`${text}!`)),
    );
    assert.deepEqual(await call(client), marked);
  });

  test(`${name}: an interceptor may reject a call`, { timeout: 20_000 }, async (t) => {
    const refuse: Interceptor = () => async () => {
      throw new ConnectError("not you", Code.PermissionDenied, { "x-why": "because" });
    };
    const { client } = await clientOf(t, echoAll, { interceptors: [refuse] });
    await assert.rejects(call(client), (error: ConnectError) => {
      assert.deepEqual([error.code, error.rawMessage], [Code.PermissionDenied, "not you"]);
      assert.equal(error.metadata.get("x-why"), "because");
      return true;
    });
  });

  test(`${name}: an error of an interceptor that is not a ConnectError is internal, and logged`, {
    timeout: 20_000,
  }, async (t) => {
    const bug = new TypeError("a secret");
    const broken: Interceptor = () => () => {
      throw bug;
    };
    const { client, logged } = await clientOf(t, echoAll, { own: [broken] });
    await assert.rejects(call(client), { code: Code.Internal, rawMessage: "internal error" });
    assert.equal(logged[0]?.[1], bug);
  });

  test(`${name}: the handler's errors pass through the chain`, { timeout: 20_000 }, async (t) => {
    const rename: Interceptor = (next) => async (request) => {
      try {
        const response = await next(request);
        if (!response.stream) return response;
        return { ...response, message: renamed(response.message) };
      } catch (error) {
        throw rename_(error);
      }
    };
    const rename_ = (error: unknown) => new ConnectError(`was: ${ConnectError.from(error).rawMessage}`, Code.Aborted);
    async function* renamed<M>(messages: AsyncIterable<M>) {
      try {
        yield* messages;
      } catch (error) {
        throw rename_(error);
      }
    }
    const fail = () => {
      throw new ConnectError("broken", Code.DataLoss);
    };
    const failing: Impl = {
      echo: fail,
      // biome-ignore lint/correctness/useYield: it fails before
      async *echoServerStream() {
        fail();
      },
      echoClientStream: fail,
      // biome-ignore lint/correctness/useYield: it fails before
      async *echoBidiStream() {
        fail();
      },
    };
    const { client } = await clientOf(t, failing, { interceptors: [rename] });
    await assert.rejects(call(client), { code: Code.Aborted, rawMessage: "was: broken" });
  });

  test(`${name}: a new header, signal and context values reach the handler`, {
    timeout: 20_000,
  }, async (t) => {
    const key = createContextKey("none");
    const controller = new AbortController();
    const seen: unknown[] = [];
    const change: Interceptor = (next) => (request) => {
      const header = new Headers({ "x-made": "up" });
      request.contextValues.set(key, "set");
      return next({ ...request, header, signal: controller.signal } as AnyRequest);
    };
    const look = (context: HandlerContext) => {
      const { requestHeader, signal, values, method } = context;
      const copy = { ...context };
      assert.deepEqual([copy.requestHeader, copy.signal, copy.values], [requestHeader, signal, values]);
      seen.push([...requestHeader], signal === controller.signal, values.get(key), method.name.startsWith("Echo"));
    };
    const { client } = await clientOf(t, looking(look), { interceptors: [change] });
    assert.deepEqual(await call(client), gives);
    assert.deepEqual(seen, [[["x-made", "up"]], true, "set", true]);
  });

  test(`${name}: a request may be changed in place, or be the prototype of another object`, {
    timeout: 20_000,
  }, async (t) => {
    const header = () => new Headers({ "x-made": "up" });
    const changes: Record<string, (request: AnyRequest) => AnyRequest> = {
      set: (request) => Object.assign(request, { header: header() }),
      define: (request) => Object.defineProperty(request, "header", { value: header() }),
      "behind a proxy": (request) =>
        new Proxy(request, {
          get: (target, name, proxy) => (name === "header" ? header() : Reflect.get(target, name, proxy)),
        }),
      "as a prototype": (request) => Object.create(request, { header: { value: header() } }) as AnyRequest,
    };
    for (const [how, change] of Object.entries(changes)) {
      const seen: unknown[] = [];
      const interceptor: Interceptor = (next) => (request) => {
        const { signal, url } = request;
        const changed = change(request);
        assert.deepEqual([changed.signal, changed.url], [signal, url], how);
        return next(changed);
      };
      const look = ({ requestHeader }: HandlerContext) => void seen.push(...requestHeader);
      const { client } = await clientOf(t, looking(look), { interceptors: [interceptor] });
      assert.deepEqual(await call(client), gives, how);
      assert.deepEqual(seen, [["x-made", "up"]], how);
    }
  });

  test(`${name}: a response may be changed in place, or be the prototype of another object`, {
    timeout: 20_000,
  }, async (t) => {
    const header = () => new Headers({ "x-made": "up" });
    const changes: Record<string, (response: AnyResponse) => AnyResponse> = {
      set: (response) => Object.assign(response, { header: header() }),
      copy: (response) => ({ ...response, header: header() }) as AnyResponse,
      "behind a proxy": (response) =>
        new Proxy(response, {
          get: (target, key, proxy) => (key === "header" ? header() : Reflect.get(target, key, proxy)),
        }),
      "as a prototype": (response) => Object.create(response, { header: { value: header() } }) as AnyResponse,
    };
    for (const [how, change] of Object.entries(changes)) {
      const interceptor: Interceptor = (next) => async (request) => change(await next(request));
      const seen: (string | null)[] = [];
      const see: Interceptor = (next) => async (request) => {
        const response = await next(request);
        seen.push(response.header.get("x-made"));
        return response;
      };
      const { url } = await serve(t, {
        services: [(router) => router.service(EchoService, echoAll)],
        interceptors: [interceptor],
      });
      const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [see] });
      const client = createClient(EchoService, transport);
      assert.deepEqual(await call(client), gives, how);
      assert.deepEqual(seen, ["up"], how);
    }
  });

  test(`${name}: an unchanged request is the one that the handler's context belongs to`, {
    timeout: 20_000,
  }, async (t) => {
    const key = createContextKey("none");
    const requests: AnyRequest[] = [];
    const pass: Interceptor = (next) => (request) => {
      requests.push(request);
      request.header.set("x-added", "1");
      request.contextValues.set(key, "set");
      return next(request);
    };
    const contexts: HandlerContext[] = [];
    const { client } = await clientOf(
      t,
      looking((context) => void contexts.push(context)),
      { interceptors: [pass] },
    );
    assert.deepEqual(await call(client), gives);
    const [request, context] = [requests[0] ?? assert.fail(), contexts[0] ?? assert.fail()];
    assert.equal(context.requestHeader, request.header);
    assert.equal(context.signal, request.signal);
    assert.equal(context.values, request.contextValues);
    assert.equal(context.requestHeader.get("x-added"), "1");
    assert.equal(context.values.get(key), "set");
    const names = [
      "contextValues",
      "header",
      "message",
      "method",
      "requestMethod",
      "service",
      "signal",
      "stream",
      "url",
    ];
    assert.deepEqual(Object.keys(request).sort(), names);
    assert.deepEqual(
      [request.service, request.method.name, request.requestMethod, new URL(request.url).pathname],
      [EchoService, context.method.name, "POST", `/connectum.test.v1.EchoService/${context.method.name}`],
    );
  });

  test(`${name}: header and trailer may be set by the handler, or by an interceptor in its place`, {
    timeout: 20_000,
  }, async (t) => {
    const setting = (context: HandlerContext) => {
      context.responseHeader.set("x-handler", "h");
      context.responseTrailer.set("x-handler-trailer", "t");
    };
    const add: Interceptor = (next) => async (request) => {
      const response = await next(request);
      response.header.set("x-added", "1");
      response.trailer.set("x-added-trailer", "2");
      return response;
    };
    const replace: Interceptor = (next) => async (request) => {
      const response = await next(request);
      return { ...response, header: new Headers({ "x-new": "n" }), trailer: new Headers({ "x-new-trailer": "nt" }) };
    };
    const fields = async (interceptors: Interceptor[]) => {
      const { client } = await clientOf(t, looking(setting), { interceptors });
      const got: [string, string][] = [];
      const take = (headers: Headers) => {
        for (const [field, value] of headers) if (field.startsWith("x-")) got.push([field, value]);
      };
      await callWith(client, name, { onHeader: take, onTrailer: take });
      return got;
    };
    assert.deepEqual(await fields([add]), [
      ["x-added", "1"],
      ["x-handler", "h"],
      ["x-added-trailer", "2"],
      ["x-handler-trailer", "t"],
    ]);
    // A generator begins when its first message is read: after the interceptors, which replaced its header.
    const fromGenerator = name === "server stream" || name === "bidi stream" ? [["x-handler", "h"]] : [];
    assert.deepEqual(await fields([replace]), [...fromGenerator, ["x-new", "n"], ["x-new-trailer", "nt"]]);
  });

  test(`${name}: an interceptor's AsyncLocalStorage is available in every step of the handler`, {
    timeout: 20_000,
  }, async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const enter: Interceptor = (next) => (request) => storage.run("inside", () => next(request));
    const { client } = await clientOf(
      t,
      looking(() => void seen.push(storage.getStore()), true),
      {
        interceptors: [(next) => (request) => next(request), enter],
      },
    );
    assert.deepEqual(await call(client), gives);
    assert.ok(seen.length >= 2, `${seen.length} steps`);
    assert.deepEqual(new Set(seen), new Set(["inside"]));
  });
}

/** Echoes, and reads each context; with `always`, also between its steps.  */
function looking(look: (context: HandlerContext) => void, always = false): Impl {
  const again = (context: HandlerContext) => {
    if (always) look(context);
  };
  return {
    async echo({ text }, context) {
      look(context);
      await null;
      again(context);
      return { text };
    },
    async *echoServerStream({ text }, context) {
      look(context);
      yield { text, index: 0 };
      again(context);
      await new Promise((resolve) => setImmediate(resolve));
      again(context);
      yield { text, index: 1 };
    },
    async echoClientStream(requests, context) {
      look(context);
      const all = [];
      for await (const { text } of requests) {
        again(context);
        all.push(text);
      }
      return { text: all.join() };
    },
    async *echoBidiStream(requests, context) {
      look(context);
      let index = 0;
      for await (const { text } of requests) {
        again(context);
        yield { text, index: index++ };
      }
      again(context);
    },
  };
}

interface Callbacks {
  onHeader: (headers: Headers) => void;
  onTrailer: (headers: Headers) => void;
}

/** One call of the kind, read to its end. */
async function callWith(client: EchoClient, kind: string, options: Callbacks): Promise<void> {
  if (kind === "unary") await client.echo({ text: "a" }, options);
  else if (kind === "client stream") await client.echoClientStream(texts("a"), options);
  else if (kind === "server stream") await collect(client.echoServerStream({ text: "a" }, options));
  else await collect(client.echoBidiStream(texts("a"), options));
}

test("a store entered with enterWith in one call is never seen in another", { timeout: 20_000 }, async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const before: (string | undefined)[] = [];
  const enter: Interceptor = (next) => (request) => {
    before.push(storage.getStore());
    storage.enterWith("mine");
    return next(request);
  };
  const { client } = await clientOf(t, echoAll, { interceptors: [enter] });
  await Promise.all(Array.from({ length: 20 }, () => client.echo({ text: "a" })));
  for (const { call } of kinds) await call(client);
  assert.deepEqual(new Set(before), new Set([undefined]));
  assert.equal(before.length, 24);
});

test("an interceptor may respond itself, and may call next twice", { timeout: 20_000 }, async (t) => {
  let runs = 0;
  const impl: Impl = {
    echo: ({ text }) => {
      runs += 1;
      if (runs === 1) throw new ConnectError("once more", Code.Unavailable);
      return { text };
    },
  };
  const retry: Interceptor = (next) => async (request) => {
    try {
      return await next(request);
    } catch {
      return await next(request);
    }
  };
  const { client } = await clientOf(t, impl, { interceptors: [retry] });
  assert.equal((await client.echo({ text: "a" })).text, "a");
  assert.equal(runs, 2);
});

test("a chain that returns no response is internal, and logged", { timeout: 20_000 }, async (t) => {
  for (const given of [undefined, null, {}, { message: 1 }]) {
    const broken = (() => async () => given) as unknown as Interceptor;
    const { client, logged } = await clientOf(t, echoAll, { interceptors: [broken] });
    for (const { call } of kinds)
      await assert.rejects(call(client), { code: Code.Internal, rawMessage: "internal error" });
    assert.equal(logged.length, kinds.length);
    if (given === undefined || given === null) {
      for (const [, error] of logged)
        assert.match(String(error), new RegExp(`an interceptor returned ${given} instead of`));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("interceptors of a stream see the error of a malformed message", { timeout: 20_000 }, async (t) => {
  const errors: unknown[] = [];
  const watch: Interceptor = (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      errors.push(error);
      throw error;
    }
  };
  const { port } = await clientOf(t, echoAll, { interceptors: [watch] });
  const body = new Uint8Array([0, 0, 0, 0, 1, 0xff]);
  const response = await fetch(`http://127.0.0.1:${port}/connectum.test.v1.EchoService/EchoServerStream`, {
    method: "POST",
    headers: { "content-type": "application/connect+proto" },
    body,
  });
  assert.match(await response.text(), /"code":"invalid_argument"/);
  assert.equal((errors[0] as ConnectError).code, Code.InvalidArgument);
});

// contract: G-place
test("addInterceptor adds at the inner end of the server's chain, or at the outer one", {
  timeout: 20_000,
}, async () => {
  const seen: string[] = [];
  const record =
    (label: string): Interceptor =>
    (next) =>
    (request) => {
      seen.push(label);
      return next(request);
    };
  const server = createServer({
    services: [(router) => router.service(EchoService, echoAll, { interceptors: [record("own")] })],
    interceptors: [record("first")],
  });
  server.addInterceptor(record("added"));
  server.addInterceptor(record("around"), "outermost");
  const wrong: unknown = "first";
  assert.throws(() => server.addInterceptor(record("none"), wrong as "outermost"), {
    name: "RangeError",
    message: 'addInterceptor: place must be one of "innermost", "outermost", not "first"',
  });
  await createLocalClient(server, EchoService).echo({ text: "a" });
  assert.deepEqual(seen, ["around", "first", "added", "own"]);
});

test("a cancelled stream ends the generators of its interceptors too", { timeout: 20_000 }, async (t) => {
  const { promise: isEnded, resolve: ended } = deferred();
  let isHandlerEnded = false;
  const impl: Impl = {
    async *echoServerStream({ text }) {
      try {
        for (let index = 0; ; index++) yield { text, index };
      } finally {
        isHandlerEnded = true;
      }
    },
  };
  const watch: Interceptor = (next) => async (request) => {
    const response = await next(request);
    if (!response.stream) return response;
    async function* watched<M>(messages: AsyncIterable<M>) {
      try {
        yield* messages;
      } finally {
        ended();
      }
    }
    return { ...response, message: watched(response.message) };
  };
  const { client } = await clientOf(t, impl, { interceptors: [watch] });
  const controller = new AbortController();
  const reading = async () => {
    const responses = client.echoServerStream({ text: "a" }, { signal: controller.signal });
    for await (const { index } of responses) if (index === 3) controller.abort();
  };
  await assert.rejects(reading(), { code: Code.Canceled });
  await isEnded;
  assert.equal(isHandlerEnded, true);
});
