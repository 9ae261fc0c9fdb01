// Each call has its own async context: nothing leaks into it or out of it, and it is kept until the call ends.
import assert from "node:assert/strict";
import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, createClient } from "@connectrpc/connect";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { collect, type EchoImpl, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

const CALLS = 200;

/** Handlers that enter a store without leaving it, and return the stores they saw before and after awaiting. */
function entering(storage: AsyncLocalStorage<string>): { seen: [string, string | undefined, string | undefined][] } & {
  handlers: EchoImpl;
} {
  const seen: [string, string | undefined, string | undefined][] = [];
  const pass = async (text: string) => {
    const before = storage.getStore();
    storage.enterWith(text);
    await Promise.resolve();
    await new Promise(setImmediate);
    await sleep(1); // A timer keeps the context too.
    seen.push([text, before, storage.getStore()]);
    return { text };
  };
  return {
    seen,
    handlers: {
      echo: ({ text }) => pass(text),
      echoGet({ text }) {
        const before = storage.getStore();
        storage.enterWith(text);
        seen.push([text, before, storage.getStore()]);
        return { text };
      },
      async *echoServerStream({ text }) {
        yield await pass(text);
      },
      async echoClientStream(requests) {
        let last = "";
        for await (const { text } of requests) last = text;
        return pass(last);
      },
      async *echoBidiStream(requests) {
        for await (const { text } of requests) yield await pass(text);
      },
    },
  };
}

for (const { name, transport } of protocolClients) {
  test(`${name}: a store entered in one call is seen by no other, with ${CALLS} concurrent calls of each kind`, {
    timeout: 60_000,
  }, async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const { handlers, seen } = entering(storage);
    const { url } = await serveEcho(t, handlers);
    const client = createClient(EchoService, transport(url));
    const kinds: ((text: string) => Promise<unknown>)[] = [
      (text) => client.echo({ text }),
      (text) => client.echoGet({ text }),
      (text) => collect(client.echoServerStream({ text })),
      (text) => client.echoClientStream(texts(text)),
      (text) => collect(client.echoBidiStream(texts(text))),
    ];
    const calls = kinds.flatMap((call, kind) => Array.from({ length: CALLS }, (_, index) => call(`${kind}-${index}`)));
    await Promise.all(calls);
    assert.equal(seen.length, calls.length);
    for (const [text, before, after] of seen) assert.deepEqual([before, after], [undefined, text]);
    assert.equal(storage.getStore(), undefined, "nor does who made the calls");
  });

  test(`${name}: handlers do not see the store in which the server was started`, { timeout: 10_000 }, async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const { handlers, seen } = entering(storage);
    const { url } = await storage.run("of the starter", () => serveEcho(t, handlers));
    const client = createClient(EchoService, transport(url));
    await client.echo({ text: "a" });
    await client.echoGet({ text: "b" });
    await collect(client.echoServerStream({ text: "c" }));
    assert.deepEqual(seen, [
      ["a", undefined, "a"],
      ["b", undefined, "b"],
      ["c", undefined, "c"],
    ]);
  });

  test(`${name}: a generator keeps its store in every step, while others run`, { timeout: 30_000 }, async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const wrong: string[] = [];
    const check = (text: string, where: string) => {
      if (storage.getStore() !== text) wrong.push(`${text} saw ${storage.getStore()} ${where}`);
    };
    const { url } = await serveEcho(t, {
      async *echoServerStream({ text, count }) {
        storage.enterWith(text);
        try {
          for (let index = 0; index < count; index += 1) {
            check(text, "before a message");
            yield { text, index };
            check(text, "after a message");
            if (index % 3 === 0) await new Promise(setImmediate);
            check(text, "after waiting");
          }
        } finally {
          check(text, "in finally");
        }
      },
      async *echoBidiStream(requests, { requestHeader }) {
        // Before the first await: a store entered later is gone in the next step of a generator, as in any program.
        const text = requestHeader.get("x-text") ?? "";
        storage.enterWith(text);
        for await (const _ of requests) {
          check(text, "after a request");
          yield { text };
          check(text, "after a message");
        }
      },
    });
    const client = createClient(EchoService, transport(url));
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const responses = await collect(client.echoServerStream({ text: `server-${index}`, count: 50 }));
      assert.equal(responses.length, 50);
      const echoed = await collect(
        client.echoBidiStream(texts(..."a".repeat(20)), { headers: { "x-text": `bidi-${index}` } }),
      );
      assert.equal(echoed.length, 20);
    });
    await Promise.all(calls);
    assert.deepEqual(wrong, []);
  });

  test(`${name}: a generator still has its store after an abort, and in its finally`, {
    timeout: 10_000,
  }, async (t) => {
    const storage = new AsyncLocalStorage<string>();
    const seen: Record<string, string | undefined> = {};
    const { url } = await serveEcho(t, {
      async *echoServerStream({ text }, { signal }) {
        storage.enterWith(text);
        const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
        try {
          yield { text };
          await aborted;
          seen["after the abort"] = storage.getStore();
        } finally {
          seen["finally"] = storage.getStore();
        }
      },
    });
    const client = createClient(EchoService, transport(url));
    // Long enough for the handler to begin on a busy machine.
    const options = { timeoutMs: 500 };
    await assert.rejects(collect(client.echoServerStream({ text: "mine" }, options)), { code: Code.DeadlineExceeded });
    await eventually(() => seen["finally"] !== undefined, "the generator returns");
    assert.equal(seen["after the abort"], "mine");
    assert.equal(seen["finally"], "mine");
  });
}

test("hooks and listeners run in the async context in which stop() was called", {
  timeout: 10_000,
}, async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const { server } = await storage.run("starter", () => serveEcho(t, {}));
  server.on("stopping", () => seen.push(storage.getStore()));
  server.onShutdown(() => void seen.push(storage.getStore()));
  server.on("stop", () => seen.push(storage.getStore()));
  await storage.run("stopper", () => server.stop());
  assert.deepEqual(seen, ["stopper", "stopper", "stopper"]);
});

test("async hooks hear of the end of every call, and of its parts", { timeout: 30_000 }, async (t) => {
  const alive = new Map<number, string>();
  let begun = 0;
  const hook = createHook({
    init(id, type) {
      if (!type.startsWith("connectum.")) return;
      alive.set(id, type);
      begun += 1;
    },
    destroy: (id) => void alive.delete(id),
  });
  t.after(() => hook.disable());
  const { url, port } = await serveEcho(t, echoAll, {
    interceptors: [(next) => (request) => next(request)],
    protocols: [
      {
        name: "plain",
        register() {},
        httpHandler(_, response) {
          response.end("plain");
          return true;
        },
      },
    ],
  });
  hook.enable();
  for (const { transport } of protocolClients) {
    const client = createClient(EchoService, transport(url));
    await client.echo({ text: "a" });
    await collect(client.echoServerStream({ text: "b" }));
    await client.echoClientStream(texts("c"));
    await collect(client.echoBidiStream(texts("d")));
  }
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/plain`)).text(), "plain");
  // Four calls by each client, two of them with generators, and one plain request.
  assert.equal(begun, protocolClients.length * 6 + 1);
  await eventually(() => {
    collectGarbage();
    return alive.size <= 1;
  }, "all but the last one, which may still be on the stack");
});
