// Handlers that continue after the end of their call: nothing waits for them, and they affect no other call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { deferred } from "./support/deferred.ts";
import { collect, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

failOnProcessFaults();

/** Long enough for a handler to begin on a busy machine: one that never begins cannot end late. */
const SOON = { timeoutMs: 500 };

for (const { name, transport } of protocolClients) {
  test(`${name}: a handler that fails after its deadline is only logged`, { timeout: 10_000 }, async (t) => {
    const { promise: opened, resolve: open } = deferred();
    const late = new Error("too late");
    const { url, logged } = await serveEcho(t, {
      async echo() {
        await opened;
        throw late;
      },
      async *echoServerStream() {
        yield { text: "first" };
        await opened;
        throw late;
      },
    });
    const client = createClient(EchoService, transport(url));
    const expired = { code: Code.DeadlineExceeded };
    await assert.rejects(client.echo({}, SOON), expired);
    await assert.rejects(collect(client.echoServerStream({}, SOON)), expired);
    assert.equal(logged.length, 0);
    open();
    await eventually(() => logged.length === 2, "both failures are logged");
    assert.deepEqual(
      logged.map(([, error]) => error),
      [late, late],
    );
  });

  test(`${name}: a response after the deadline is dropped`, { timeout: 10_000 }, async (t) => {
    const { promise: opened, resolve: open } = deferred();
    let ended = 0;
    const { url, logged } = await serveEcho(t, {
      async echo() {
        await opened;
        ended += 1;
        return { text: "too late" };
      },
      async *echoServerStream() {
        try {
          await opened;
          yield { text: "too late" };
        } finally {
          ended += 1;
        }
      },
      echoGet: ({ text }) => ({ text }),
    });
    const client = createClient(EchoService, transport(url));
    const expired = { code: Code.DeadlineExceeded };
    await assert.rejects(client.echo({}, SOON), expired);
    await assert.rejects(collect(client.echoServerStream({}, SOON)), expired);
    open();
    await eventually(() => ended === 2, "both handlers end");
    assert.equal((await client.echoGet({ text: "next" })).text, "next", "the next call gets its own answer");
    assert.deepEqual(logged, []);
  });

  test(`${name}: a generator that never awaits is not resumed after its deadline`, {
    timeout: 10_000,
  }, async (t) => {
    const enough = 100_000;
    let yielded = 0;
    let hasEnded = false;
    const { url } = await serveEcho(t, {
      async *echoServerStream() {
        try {
          // The deadline passes while JavaScript is busy. After that the event loop must be free to notice it.
          blockEventLoop(1.5 * SOON.timeoutMs);
          for (; yielded < enough; yielded += 1) yield { index: yielded };
        } finally {
          hasEnded = true;
        }
      },
    });
    const call = collect(createClient(EchoService, transport(url)).echoServerStream({}, SOON));
    await assert.rejects(call, { code: Code.DeadlineExceeded });
    await eventually(() => hasEnded, "the generator ends");
    assert.ok(yielded < 1_000, `${yielded} messages were yielded`);
  });

  test(`${name}: a generator whose finally throws after a cancel is only logged`, { timeout: 10_000 }, async (t) => {
    const inFinally = new Error("in finally");
    const { url, logged } = await serveEcho(t, {
      async *echoServerStream(_, { signal }) {
        try {
          yield { text: "first" };
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          yield { text: "nobody gets this" };
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: it is what this test is about
          throw inFinally;
        }
      },
    });
    const client = createClient(EchoService, transport(url));
    const controller = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _ of client.echoServerStream({}, { signal: controller.signal })) controller.abort();
      },
      { code: Code.Canceled },
    );
    await eventually(() => logged.length > 0, "it is logged");
    assert.deepEqual(logged, [["handler for rpc EchoServerStream of connectum.test.v1.EchoService failed", inFinally]]);
  });

  test(`${name}: a handler that never returns keeps neither its call nor its server alive`, {
    timeout: 10_000,
  }, async (t) => {
    let aborted = 0;
    const never = ({ signal }: HandlerContext) => {
      signal.addEventListener("abort", () => {
        aborted += 1;
      });
      return new Promise<never>(() => {});
    };
    const { server, url } = await serveEcho(t, {
      echo: (_, context) => never(context),
      // biome-ignore lint/correctness/useYield: it never comes to that
      async *echoServerStream(_, context) {
        await never(context);
      },
      echoGet: ({ text }) => ({ text }),
    });
    const client = createClient(EchoService, transport(url));
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [client.echo({}, { signal }), collect(client.echoServerStream({}, { signal }))];
    assert.equal((await client.echoGet({ text: "meanwhile" })).text, "meanwhile");
    controller.abort();
    for (const call of calls) await assert.rejects(call, { code: Code.Canceled });
    await eventually(() => aborted === 2, "both signals abort");
    const before = performance.now();
    await server.stop();
    assert.ok(performance.now() - before < 900, "stop() does not wait for handlers whose calls have ended");
  });

  test(`${name}: a handler that still reads requests after its response reaches their end`, {
    timeout: 10_000,
  }, async (t) => {
    const readOn: Promise<string[]>[] = [];
    const { url, logged } = await serveEcho(t, {
      async echoClientStream(requests) {
        const iterator = requests[Symbol.asyncIterator]();
        const { value } = await iterator.next();
        readOn.push(
          (async () => {
            const seen: string[] = [];
            try {
              for await (const { text } of { [Symbol.asyncIterator]: () => iterator }) seen.push(text);
              seen.push("end");
            } catch (error) {
              seen.push(error instanceof ConnectError ? Code[error.code] : String(error));
            }
            return seen;
          })(),
        );
        return { text: value.text };
      },
    });
    const client = createClient(EchoService, transport(url));
    const { promise: opened, resolve: open } = deferred();
    const requests = (async function* () {
      yield* texts("first");
      await opened;
    })();
    const answered = client.echoClientStream(requests, { timeoutMs: 5_000 });
    await eventually(() => readOn.length === 1, "the handler reads on");
    // The response is complete, but the client has not ended its stream. The reader must end all the same.
    const seen = await readOn[0];
    open();
    assert.equal((await answered).text, "first");
    assert.ok(seen?.length === 1 && seen[0] !== "first", `${seen}`);
    assert.deepEqual(logged, []);
  });

  test(`${name}: changes to the context after the response have no effect`, {
    timeout: 10_000,
  }, async (t) => {
    let kept: HandlerContext | undefined;
    const { url, logged } = await serveEcho(t, {
      echo(_, context) {
        kept = context;
        return { text: "answered" };
      },
    });
    const client = createClient(EchoService, transport(url));
    assert.equal((await client.echo({})).text, "answered");
    assert.ok(kept !== undefined);
    kept.responseHeader.set("x-late", "1");
    kept.responseTrailer.set("x-late", "1");
    assert.equal(kept.signal.aborted, true, "a signal first looked at after the end is aborted");
    assert.equal(kept.requestHeader.get("x-nothing"), null);
    assert.equal((await client.echo({})).text, "answered");
    assert.deepEqual(logged, []);
  });
}
