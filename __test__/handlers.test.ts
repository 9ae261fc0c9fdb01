// Handlers: their arguments, and the styles in which they can be written.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type EchoRequest, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoClient, type EchoImpl, texts } from "./support/echo-calls.ts";
import { serve } from "./support/serve.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { fetchClients, nodeClients, protocolClients } from "./support/transports.ts";

type Requests = AsyncIterable<EchoRequest>;

async function joined(requests: Requests) {
  const texts: string[] = [];
  for await (const { text } of requests) texts.push(text);
  return { text: texts.join(",") };
}

/** The same service, written in every style that handlers can have. */
const styles: Record<string, EchoImpl> = {
  "async functions and generators": {
    async echo({ text, payload }) {
      await Promise.resolve();
      return { text, payload };
    },
    async echoGet({ text }) {
      return { text };
    },
    async *echoServerStream({ text, count }) {
      for (let index = 0; index < count; index += 1) yield { text, index };
    },
    echoClientStream: joined,
    async *echoBidiStream(requests) {
      let index = 0;
      for await (const { text } of requests) yield { text, index: index++ };
    },
  },
  "functions that answer at once, and iterables by hand": {
    echo: ({ text, payload }) => ({ text, payload }),
    echoGet: ({ text }) => ({ text }),
    echoServerStream: ({ text, count }) => ({
      [Symbol.asyncIterator]() {
        let index = 0;
        return { next: async () => ({ done: index === count, value: { text, index: index++ } }) };
      },
    }),
    echoClientStream: (requests) => joined(requests).then((response) => response),
    echoBidiStream: (requests) => ({
      [Symbol.asyncIterator]() {
        const input = requests[Symbol.asyncIterator]();
        let index = 0;
        return {
          async next() {
            const { done = false, value } = await input.next();
            return { done, value: done ? undefined : { text: value.text, index: index++ } };
          },
        } as AsyncIterator<{ text: string; index: number }>;
      },
    }),
  },
};

const calls: Record<string, { needsRequestStream: boolean; check: (client: EchoClient) => Promise<void> }> = {
  unary: {
    needsRequestStream: false,
    async check(client) {
      const payload = new Uint8Array([0, 255, 128]);
      const response = await client.echo({ text: "grüße 👋", payload });
      assert.equal(response.text, "grüße 👋");
      assert.deepEqual([...response.payload], [...payload]);
      assert.equal((await client.echoGet({ text: "a" })).text, "a");
    },
  },
  "server stream": {
    needsRequestStream: false,
    async check(client) {
      assert.deepEqual(await collect(client.echoServerStream({ text: "a", count: 3 })), [
        ["a", 0],
        ["a", 1],
        ["a", 2],
      ]);
      assert.deepEqual(await collect(client.echoServerStream({ text: "a", count: 0 })), [], "a stream may be empty");
    },
  },
  "client stream": {
    needsRequestStream: true,
    async check(client) {
      assert.equal((await client.echoClientStream(texts("a", "b", "c"))).text, "a,b,c");
      assert.equal((await client.echoClientStream(texts())).text, "", "a stream may be empty");
    },
  },
  "bidi stream": {
    needsRequestStream: true,
    async check(client) {
      assert.deepEqual(await collect(client.echoBidiStream(texts("a", "b"))), [
        ["a", 0],
        ["b", 1],
      ]);
    },
  },
};

for (const [style, implementation] of Object.entries(styles)) {
  for (const { name, transport } of [...nodeClients, ...fetchClients]) {
    const canSendStreams = !name.endsWith("fetch");
    for (const useBinaryFormat of [true, false]) {
      // contract: D1, F-context, DEC-bidi-http1
      test(`${name}, ${useBinaryFormat ? "binary" : "JSON"}: ${style} serve every kind of call`, {
        timeout: 10_000,
      }, async (t) => {
        const { url, logged } = await serveEcho(t, implementation);
        const client = createClient(EchoService, transport(url, { useBinaryFormat }));
        for (const { needsRequestStream, check } of Object.values(calls)) {
          if (!needsRequestStream || canSendStreams) await check(client);
        }
        assert.deepEqual(logged, []);
      });
    }
  }
}

for (const { name, protocol, transport } of [...nodeClients, ...fetchClients]) {
  // contract: K1, F-context
  test(`${name}: the context describes its call`, { timeout: 10_000 }, async (t) => {
    const key = createContextKey("default");
    const seen: Record<string, unknown>[] = [];
    const look = (context: HandlerContext) => {
      const { method, service, requestMethod, protocolName, url, values, signal } = context;
      const before = values.get(key);
      values.set(key, "mine");
      seen.push({
        method,
        service,
        requestMethod,
        protocolName,
        url,
        values: [before, context.values.get(key)],
        aborted: signal.aborted,
        timeout: context.timeoutMs(),
        header: context.requestHeader.get("x-from-client"),
      });
      return { text: "seen" };
    };
    const { url } = await serveEcho(t, {
      echo: (_, context) => look(context),
      async *echoServerStream(_, context) {
        yield look(context);
      },
    });
    const client = createClient(EchoService, transport(url));
    await client.echo({}, { headers: { "x-from-client": "yes" } });
    for await (const _ of client.echoServerStream({}, { headers: { "x-from-client": "yes" } }));
    const expected = (local: "echo" | "echoServerStream") => ({
      method: EchoService.method[local],
      service: EchoService,
      requestMethod: "POST",
      protocolName: protocol,
      url: `${url}/connectum.test.v1.EchoService/${EchoService.method[local].name}`,
      values: ["default", "mine"],
      aborted: false,
      timeout: undefined,
      header: "yes",
    });
    assert.deepEqual(seen, [expected("echo"), expected("echoServerStream")]);
  });

  // contract: K1
  test(`${name}: timeoutMs() is the remaining time of the client's timeout`, { timeout: 10_000 }, async (t) => {
    const remaining: (number | undefined)[] = [];
    const { url } = await serveEcho(t, {
      async echo(_, context) {
        remaining.push(context.timeoutMs());
        await sleep(30); // What is left becomes less.
        remaining.push(context.timeoutMs());
        return {};
      },
    });
    await createClient(EchoService, transport(url)).echo({}, { timeoutMs: 5_000 });
    const [first = assert.fail(), second = assert.fail()] = remaining;
    assert.ok(Number.isInteger(first) && first > 4_000 && first <= 5_000, `${first} of 5000 ms`);
    assert.ok(second <= first - 29 && second > 4_000, `${first} ms, and 30 ms later ${second} ms`);
  });
}

// contract: K1
test("a Connect GET is a call like any other, and its context says GET", { timeout: 10_000 }, async (t) => {
  const seen: string[] = [];
  const { url } = await serveEcho(t, {
    echoGet({ text }, { requestMethod, url, protocolName }) {
      seen.push(requestMethod, protocolName, new URL(url).pathname);
      return { text };
    },
    echo: (_, { requestMethod }) => ({ text: requestMethod }),
  });
  for (const httpVersion of ["1.1", "2"] as const) {
    for (const useBinaryFormat of [true, false]) {
      const transport = createConnectTransport({ baseUrl: url, httpVersion, useHttpGet: true, useBinaryFormat });
      const client = createClient(EchoService, transport);
      assert.equal((await client.echoGet({ text: "grüße & ?" })).text, "grüße & ?");
      assert.equal((await client.echo({})).text, "POST", "a method with side effects is posted");
      assert.deepEqual(seen.splice(0), ["GET", "connect", "/connectum.test.v1.EchoService/EchoGet"]);
    }
  }
});

// contract: K1
test("context values belong to one call: no other call sees them", { timeout: 10_000 }, async (t) => {
  const key = createContextKey(0);
  const { url } = await serveEcho(t, {
    echo(_, { values }) {
      const index = values.get(key);
      values.set(key, index + 1);
      return { index };
    },
  });
  for (const { transport } of protocolClients) {
    const client = createClient(EchoService, transport(url));
    const contextValues = createContextValues().set(key, 7);
    const answers = await Promise.all([1, 2, 3].map(() => client.echo({}, { contextValues })));
    assert.deepEqual(
      answers.map(({ index }) => index),
      [0, 0, 0],
    );
  }
});

// contract: K2
test("a spread context works like the original", { timeout: 10_000 }, async (t) => {
  const { url } = await serveEcho(t, {
    echo(_, context) {
      const copy = { ...context };
      copy.responseHeader.set("x-by-copy", "1");
      return { text: `${copy.protocolName} ${copy.requestHeader.get("x-a")} ${copy.signal === context.signal}` };
    },
  });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  let byCopy: string | null = null;
  const { text } = await client.echo(
    {},
    {
      headers: { "x-a": "b" },
      onHeader: (header) => {
        byCopy = header.get("x-by-copy");
      },
    },
  );
  assert.equal(text, "connect b true");
  assert.equal(byCopy, "1");
});

for (const { name, transport } of protocolClients) {
  // contract: DEC-completion
  test(`${name}: the signal of a call aborts when the call has ended, with a reason that all calls share`, {
    timeout: 10_000,
  }, async (t) => {
    const signals: AbortSignal[] = [];
    const keep = ({ signal }: HandlerContext) => {
      assert.equal(signal.aborted, false);
      signals.push(signal);
      return {};
    };
    const { url } = await serveEcho(t, {
      echo: (_, context) => keep(context),
      async echoGet(_, context) {
        await Promise.resolve();
        keep(context);
        throw new ConnectError("no", Code.NotFound);
      },
      async *echoServerStream(_, context) {
        yield keep(context);
      },
    });
    const client = createClient(EchoService, transport(url));
    await client.echo({});
    await assert.rejects(client.echoGet({}), { code: Code.NotFound });
    await collect(client.echoServerStream({}));
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true, true],
    );
    assert.ok(signals.every(({ reason }) => reason === signals[0]?.reason));
    assert.equal(signals[0]?.reason.name, "AbortError");
  });

  // contract: DEC-service-signal, D-options
  test(`${name}: the shutdownSignal of a service aborts its calls' signals, and no others'`, {
    timeout: 10_000,
  }, async (t) => {
    const stop = new AbortController();
    const { promise: begun, resolve: begin } = deferred();
    const { url } = await serve(t, {
      services: [
        (router) =>
          router
            .rpc(
              EchoService.method.echo,
              async (_, { signal }) => {
                begin();
                await once(signal, "abort");
                throw signal.reason;
              },
              { shutdownSignal: stop.signal },
            )
            .rpc(EchoService.method.echoGet, (_, { signal }) => {
              stop.abort(new ConnectError("closing time", Code.Unavailable));
              return { text: `aborted: ${signal.aborted}` };
            }),
      ],
    });
    const client = createClient(EchoService, transport(url));
    const ended = assert.rejects(client.echo({}), { code: Code.Unavailable, rawMessage: "closing time" });
    await begun;
    assert.equal((await client.echoGet({})).text, "aborted: false");
    await ended;
  });
}
