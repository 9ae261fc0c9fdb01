// Handlers that break their contract: the client gets an error, the log the reason, and other calls are unaffected.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { NativeCalls } from "@connectum/native";
import { EchoRequestSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoClient, type EchoImpl, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

failOnProcessFaults();

/** Values that the types do not allow a handler to return or yield. */
const noMessage: Record<string, { value: () => unknown; why: RegExp }> = {
  undefined: { value: () => undefined, why: /gave undefined instead of a connectum\.test\.v1\.EchoResponse/ },
  null: { value: () => null, why: /gave null instead of a connectum\.test\.v1\.EchoResponse/ },
  "a string": { value: () => "text", why: /gave a string instead of a connectum\.test\.v1\.EchoResponse/ },
  "a number": { value: () => 7, why: /gave a number instead of/ },
  "a symbol": { value: () => Symbol("s"), why: /gave a symbol instead of/ },
  "a function": { value: () => () => {}, why: /gave a function instead of/ },
  "an array": { value: () => [{ text: "a" }], why: /gave an array instead of/ },
  "a message of another type": {
    value: () => create(EchoRequestSchema, { text: "a" }),
    why: /gave a connectum\.test\.v1\.EchoRequest instead of a connectum\.test\.v1\.EchoResponse/,
  },
  "a field of the wrong type": { value: () => ({ index: "seven" }), why: /index/ },
  "a number that its field cannot hold": { value: () => ({ index: 2 ** 40 }), why: /index/ },
  "an object that throws when it is read": {
    value: () => ({
      get text() {
        throw new Error("a trap");
      },
    }),
    why: /a trap/,
  },
  "a proxy that is revoked": {
    value: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    why: /revoked/,
  },
};

/** Values that are not response streams. */
const noStream: Record<string, { value: () => unknown; why: RegExp }> = {
  undefined: { value: () => undefined, why: /must return an async iterable/ },
  null: { value: () => null, why: /must return an async iterable/ },
  "a string": { value: () => "text", why: /must return an async iterable/ },
  "a message": { value: () => ({ text: "a" }), why: /must return an async iterable/ },
  "a promise": { value: async () => [{ text: "a" }], why: /must return an async iterable/ },
  "an iterable that has no iterator": { value: () => ({ [Symbol.asyncIterator]: 7 }), why: /not a function/ },
  "an iterable that throws": {
    value: () => ({
      [Symbol.asyncIterator]() {
        throw new Error("a trap");
      },
    }),
    why: /a trap/,
  },
  "an iterator without next": { value: () => ({ [Symbol.asyncIterator]: () => ({}) }), why: /not a function/ },
  "an iterator whose next throws at once": {
    value: () => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          throw new Error("a trap");
        },
      }),
    }),
    why: /a trap/,
  },
  "an iterator whose results are none": {
    value: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => 7 }) }),
    why: /./,
  },
};

interface Fault {
  readonly implementation: EchoImpl;
  readonly call: (client: EchoClient) => Promise<unknown>;
  readonly method: string;
  readonly why: RegExp;
}

/**
 * Every fault, in every place where it can occur. `as never`: the types reject these handlers, untyped programs do
 * not.
 */
function* faults(): Generator<[string, Fault]> {
  for (const [what, { value, why }] of Object.entries(noMessage)) {
    yield [
      `a unary handler that returns ${what}`,
      { implementation: { echo: () => value() as never }, call: (client) => client.echo({}), method: "Echo", why },
    ];
    yield [
      `a unary handler that promises ${what}`,
      {
        implementation: { echo: async () => value() as never },
        call: (client) => client.echo({}),
        method: "Echo",
        why,
      },
    ];
    yield [
      `a client stream's handler that promises ${what}`,
      {
        implementation: { echoClientStream: async () => value() as never },
        call: (client) => client.echoClientStream(texts("a")),
        method: "EchoClientStream",
        why,
      },
    ];
    yield [
      `a generator that yields ${what}`,
      {
        implementation: {
          async *echoServerStream() {
            yield { text: "first" };
            yield value() as never;
          },
        },
        call: (client) => collect(client.echoServerStream({})),
        method: "EchoServerStream",
        why,
      },
    ];
  }
  for (const [what, { value, why }] of Object.entries(noStream)) {
    yield [
      `a server stream's handler that returns ${what}`,
      {
        implementation: { echoServerStream: () => value() as never },
        call: (client) => collect(client.echoServerStream({})),
        method: "EchoServerStream",
        why,
      },
    ];
    yield [
      `a bidi stream's handler that returns ${what}`,
      {
        implementation: { echoBidiStream: () => value() as never },
        call: (client) => collect(client.echoBidiStream(texts("a"))),
        method: "EchoBidiStream",
        why,
      },
    ];
  }
  yield [
    "a handler whose promise throws when it is awaited",
    {
      implementation: {
        // biome-ignore lint/suspicious/noThenProperty: a promise that is broken, on purpose
        echo: () => ({ then: () => assert.fail("a trap") }) as never,
      },
      call: (client) => client.echo({}),
      method: "Echo",
      why: /a trap/,
    },
  ];
}

for (const { name, transport } of protocolClients) {
  test(`${name}: handlers that break their contract fail only their own call`, { timeout: 60_000 }, async (t) => {
    for (const [what, { implementation, call, method, why }] of faults()) {
      await t.test(what, { timeout: 10_000 }, async (t) => {
        const { promise: released, resolve: release } = deferred();
        const { url, logged } = await serveEcho(t, {
          ...implementation,
          echoGet: ({ text }) => released.then(() => ({ text })),
        });
        const client = createClient(EchoService, transport(url));
        const bystander = client.echoGet({ text: "undisturbed" });
        await assert.rejects(call(client), { code: Code.Internal, rawMessage: "internal error" });
        assert.equal(logged.length, 1, "logged once");
        const [message, error] = logged[0] ?? [];
        assert.equal(message, `handler for rpc ${method} of connectum.test.v1.EchoService failed`);
        assert.match(String(error), why);
        release();
        assert.equal((await bystander).text, "undisturbed");
      });
    }
  });

  test(`${name}: messages yielded before an invalid value arrive, and the generator's finally runs`, {
    timeout: 10_000,
  }, async (t) => {
    let finallyRan = 0;
    let askedForMore = false;
    const { url } = await serveEcho(t, {
      async *echoServerStream() {
        try {
          yield { text: "first" };
          yield 7 as never;
          askedForMore = true;
        } finally {
          finallyRan += 1;
        }
      },
    });
    const seen: string[] = [];
    await assert.rejects(
      async () => {
        for await (const { text } of createClient(EchoService, transport(url)).echoServerStream({})) seen.push(text);
      },
      { code: Code.Internal },
    );
    assert.deepEqual([seen, finallyRan, askedForMore], [["first"], 1, false]);
  });

  test(`${name}: a finally that throws after an invalid value is logged, too`, {
    timeout: 10_000,
  }, async (t) => {
    const inFinally = new Error("in finally");
    const { url, logged } = await serveEcho(t, {
      async *echoServerStream() {
        try {
          yield 7 as never;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: it is what this test is about
          throw inFinally;
        }
      },
    });
    const client = createClient(EchoService, transport(url));
    await assert.rejects(collect(client.echoServerStream({})), { code: Code.Internal });
    await eventually(() => logged.length === 2, "both are logged");
    assert.match(String(logged[0]?.[1]), /gave a number/);
    assert.equal(logged[1]?.[1], inFinally);
  });

  test(`${name}: arrays and plain generators are response streams too`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveEcho(t, {
      echoServerStream: () => [{ text: "a" }, { text: "b", index: 1 }] as never,
      echoBidiStream: function* () {
        yield { text: "c" };
      } as never,
    });
    const client = createClient(EchoService, transport(url));
    assert.deepEqual(await collect(client.echoServerStream({})), [
      ["a", 0],
      ["b", 1],
    ]);
    assert.deepEqual(await collect(client.echoBidiStream(texts())), [["c", 0]]);
  });
}

/** Errors that throw when their properties are read. */
const hostileErrors: Record<string, () => unknown> = {
  "an Error whose name throws": () =>
    Object.defineProperty(new Error("hostile"), "name", {
      get() {
        throw new Error("a trap");
      },
    }),
  "a proxy that is revoked": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a ConnectError without details": () => Object.assign(new ConnectError("x", Code.Aborted), { details: undefined }),
  "a ConnectError whose metadata is no Headers": () =>
    Object.assign(new ConnectError("x", Code.Aborted), { metadata: 7 }),
  "a ConnectError whose message is no text": () =>
    Object.assign(new ConnectError("x", Code.Aborted), { rawMessage: 7 }),
  "a ConnectError whose code is no number": () => Object.assign(new ConnectError("x"), { code: "aborted" }),
};

for (const { name, transport } of protocolClients) {
  for (const [what, make] of Object.entries(hostileErrors)) {
    test(`${name}: ${what} is an error like any other`, { timeout: 10_000 }, async (t) => {
      const { promise: released, resolve: release } = deferred();
      const { url, logged } = await serveEcho(t, {
        echo() {
          throw make();
        },
        async echoGet({ text }) {
          if (text === "reject") throw make();
          await released;
          return { text };
        },
        async *echoServerStream() {
          yield { text: "first" };
          throw make();
        },
      });
      const client = createClient(EchoService, transport(url));
      const isFailure = ({ code }: ConnectError) => code === Code.Internal || code === Code.Unknown;
      const timeoutMs = 1_000;
      const bystander = client.echoGet({ text: "undisturbed" }, { timeoutMs: 8_000 });
      const outcomes = await Promise.allSettled([
        client.echo({}, { timeoutMs }),
        client.echoGet({ text: "reject" }, { timeoutMs }),
        collect(client.echoServerStream({}, { timeoutMs })),
      ]);
      release();
      assert.equal((await bystander).text, "undisturbed");
      for (const [index, outcome] of outcomes.entries()) {
        const how = ["thrown", "rejected", "thrown in a stream"][index];
        assert.ok(outcome.status === "rejected" && isFailure(outcome.reason), `${how}: ${JSON.stringify(outcome)}`);
      }
      assert.equal(logged.length, 3);
    });
  }
}

for (const { name, transport } of protocolClients) {
  test(`${name}: a call that the server fails to start is internal, and the log says why`, {
    timeout: 10_000,
  }, async (t) => {
    const fault = new Error("a fault");
    t.mock.method(NativeCalls.prototype, "oversizedCall", () => {
      throw fault;
    });
    const { url, logged } = await serveEcho(t, { echo: ({ text }) => ({ text }) });
    const client = createClient(EchoService, transport(url));
    const oversized = client.echo({ payload: new Uint8Array(256 * 1024) });
    await assert.rejects(oversized, { code: Code.Internal, rawMessage: "internal error" });
    assert.deepEqual(logged, [["the server failed to handle a call", fault]]);
    assert.equal((await client.echo({ text: "next" })).text, "next");
  });
}
