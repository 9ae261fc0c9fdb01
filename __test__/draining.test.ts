// A server that stops while calls are in flight: their signals, their responses, and which connections are closed.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import type { CreateServerOptions, Server, ShutdownOptions } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { type EchoClient, type EchoImpl, texts } from "./support/echo-calls.ts";
import { envelope } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import { isOpen } from "./support/ports.ts";
import { startProgram } from "./support/program.ts";
import { serveEcho } from "./support/serve-echo.ts";

const isUnavailable = (reason: unknown) => reason instanceof ConnectError && reason.code === Code.Unavailable;

/** Starts a server with one call in flight, whose handler is `handle`. */
async function inFlight(
  t: TestContext,
  { shutdown, ...options }: Partial<CreateServerOptions> & { shutdown: ShutdownOptions },
  kind: keyof typeof kinds,
  handle: (context: HandlerContext) => Promise<string>,
) {
  const begun = deferred();
  const enter = (context: HandlerContext) => {
    begun.resolve();
    return handle(context);
  };
  const { server, url, port } = await serveEcho(t, implementation(enter), { shutdown, ...options });
  const call = kinds[kind](createClient(EchoService, createGrpcTransport({ baseUrl: url })));
  // Awaited below; until then a rejection must not be reported as unhandled.
  call.catch(() => {});
  await begun.promise;
  return { server, call, port };
}

function implementation(enter: (context: HandlerContext) => Promise<string>): EchoImpl {
  return {
    echo: async (_, context) => ({ text: await enter(context) }),
    async *echoServerStream(_, context) {
      yield { text: "first" };
      yield { text: await enter(context) };
    },
    echoClientStream: async (_, context) => ({ text: await enter(context) }),
    async *echoBidiStream(_, context) {
      yield { text: "first" };
      yield { text: await enter(context) };
    },
  };
}

async function last(responses: AsyncIterable<{ text: string }>): Promise<string> {
  let seen = "";
  for await (const { text } of responses) seen = text;
  return seen;
}

/** A call of each kind; resolves to the text of the last response. */
const kinds = {
  unary: async (client: EchoClient) => (await client.echo({})).text,
  "server stream": (client: EchoClient) => last(client.echoServerStream({})),
  "client stream": async (client: EchoClient) => (await client.echoClientStream(texts("a"))).text,
  "bidi stream": (client: EchoClient) => last(client.echoBidiStream(texts("a"))),
};
const streams = ["server stream", "client stream", "bidi stream"] as const;

/** Resolves to the reason of the signal. */
async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

/** Stops the server; resolves to the warnings that it printed. */
async function stopping(t: TestContext, server: Server): Promise<unknown[]> {
  const warn = t.mock.method(console, "warn", () => {});
  await server.stop();
  return warn.mock.calls.map(({ arguments: [text] }) => text as unknown);
}

// contract: X2, X3
test("stop() performs its first steps synchronously", { timeout: 10_000 }, async (t) => {
  const mayEnd = deferred();
  const { server, call, port } = await inFlight(t, { shutdown: {} }, "unary", async () => {
    await mayEnd.promise;
    return "in time";
  });
  const order: string[] = [];
  server.on("stopping", () => order.push(`stopping, aborted ${server.shutdownSignal.aborted}`));
  server.shutdownSignal.addEventListener("abort", () => order.push("aborted"));
  const stopped = server.stop();
  assert.deepEqual(order, ["stopping, aborted false", "aborted"]);
  await eventually(async () => !(await isOpen(port)), "the port is closed");
  assert.equal(server.state, "stopping", "no new connection is accepted while the call is in flight");
  mayEnd.resolve();
  assert.equal(await call, "in time");
  await stopped;
});

// contract: DEC-drain-unary, X3, X1-timeout
test("the signal of a unary call aborts at the timeout, not earlier", { timeout: 10_000 }, async (t) => {
  let seen: { after: number; reason: unknown } | undefined;
  let began = 0;
  const { server, call } = await inFlight(
    t,
    { shutdown: { timeout: 300, streamGracePeriod: 1 } },
    "unary",
    async ({ signal }) => {
      const reason = await aborted(signal);
      seen = { after: performance.now() - began, reason };
      return "too late";
    },
  );
  began = performance.now();
  const warnings = await stopping(t, server);
  assert.deepEqual(warnings, ["Shutdown timeout (300ms) exceeded"]);
  await assert.rejects(call, { code: Code.Unavailable, rawMessage: "the server is shutting down" });
  assert.ok(seen !== undefined && seen.after > 280, `${seen?.after} ms`);
  assert.ok(isUnavailable(seen.reason), `${seen.reason}`);
});

for (const kind of streams) {
  // contract: DEC-drain-stream, X3
  test(`the signal of a ${kind} aborts after streamGracePeriod; the call may still succeed`, {
    timeout: 10_000,
  }, async (t) => {
    let seen: { after: number; reason: unknown } | undefined;
    let began = 0;
    const { server, call } = await inFlight(
      t,
      { shutdown: { timeout: 8_000, streamGracePeriod: 200 } },
      kind,
      async ({ signal }) => {
        const reason = await aborted(signal);
        seen = { after: performance.now() - began, reason };
        return "goodbye";
      },
    );
    began = performance.now();
    assert.deepEqual(await stopping(t, server), []);
    assert.equal(await call, "goodbye");
    assert.ok(seen !== undefined && seen.after > 180 && seen.after < 5_000, `${seen?.after} ms`);
    assert.ok(isUnavailable(seen.reason), `${seen.reason}`);
  });
}

// contract: DEC-drain-stream
test("a stream that JavaScript begins after streamGracePeriod has its signal aborted at once", {
  timeout: 20_000,
}, async (t) => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let seen: unknown;
  const { server, port } = await serveEcho(
    t,
    {
      async *echoServerStream(_, { signal }) {
        seen = await aborted(signal);
        yield { text: "goodbye" };
      },
    },
    { shutdown: { timeout: 8_000, streamGracePeriod: 0 } },
  );
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: {
      port,
      requests: [
        {
          path: `/${EchoService.typeName}/EchoServerStream`,
          headers: { "content-type": "application/grpc", te: "trailers" },
          body: envelope(Buffer.alloc(0)),
        },
      ],
    },
  });
  await once(worker, "message");
  worker.postMessage("go");
  // The call arrives while JavaScript is blocked. Timers run first after that, so `stop()`'s before the call starts.
  Atomics.wait(pause, 0, 0, 300);
  const startedAt = performance.now();
  const stopped = server.stop();
  Atomics.wait(pause, 0, 0, 20);
  await stopped;
  assert.ok(performance.now() - startedAt < 4_000, "long before the timeout");
  assert.ok(isUnavailable(seen), `${seen}`);
});

for (const [shutdown, expected] of [
  [{}, 5_000],
  [{ timeout: 1_000 }, 1_000],
  [{ timeout: 8_000 }, 5_000],
  [{ timeout: 8_000, streamGracePeriod: 6_000 }, 6_000],
] as const) {
  // contract: DEC-drain-stream, O-shutdown
  test(`${JSON.stringify(shutdown)}: the signals of streams abort after ${expected} ms`, {
    timeout: 10_000,
  }, async (t) => {
    let isAborted = false;
    const { server, call } = await inFlight(t, { shutdown }, "server stream", async ({ signal }) => {
      await aborted(signal);
      isAborted = true;
      return "goodbye";
    });
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const stopped = server.stop();
    t.mock.timers.tick(expected - 1);
    await new Promise(setImmediate);
    assert.equal(isAborted, false);
    t.mock.timers.tick(1);
    t.mock.timers.reset();
    assert.equal(await call, "goodbye");
    await stopped;
    assert.equal(isAborted, true);
  });
}

const rethrows: Record<string, (signal: AbortSignal) => Promise<string>> = {
  "the reason itself": async (signal) => {
    throw await aborted(signal);
  },
  "by throwIfAborted()": async (signal) => {
    await aborted(signal);
    signal.throwIfAborted();
    return "not aborted";
  },
  "the AbortError of a function of Node's": (signal) => sleep(60_000, "never", { signal }),
};

for (const [what, handle] of Object.entries(rethrows)) {
  // contract: DEC-rethrow
  test(`a handler that throws ${what} fails with the reason's code`, { timeout: 10_000 }, async (t) => {
    const shutdown = { timeout: 8_000, streamGracePeriod: 20 };
    const { server, call } = await inFlight(t, { shutdown }, "bidi stream", ({ signal }) => handle(signal));
    await server.stop();
    await assert.rejects(call, { code: Code.Unavailable, rawMessage: "the server is shutting down" });
  });
}

const ca = certificate("ca.crt");

for (const secure of [false, true]) {
  for (const httpVersion of ["1.1", "2"] as const) {
    // contract: X6, H7, O-shutdown, X1-timeout
    test(`at the timeout a connection of HTTP/${httpVersion}${secure ? " and TLS" : ""} is closed, and hooks run`, {
      timeout: 10_000,
    }, async (t) => {
      const warned: string[] = [];
      const ignore = () => {};
      const logger = { debug: ignore, info: ignore, warn: (text: string) => void warned.push(text), error: ignore };
      const begun: string[] = [];
      const never = (what: string) => () => {
        begun.push(what);
        return new Promise<never>(() => {});
      };
      const { server, port } = await serveEcho(
        t,
        {
          echo: never("unary"),
          async *echoServerStream() {
            yield {};
            await never("stream")();
          },
        },
        { shutdown: { timeout: 100 }, logger, ...(secure ? { tls: identity("server") } : {}) },
      );
      const baseUrl = `${secure ? "https" : "http"}://localhost:${port}`;
      const nodeOptions = secure ? { ca } : {};
      const client = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion, nodeOptions }));
      const unavailable = { code: Code.Unavailable, rawMessage: "the server is shutting down" };
      const cut = [
        assert.rejects(client.echo({}), unavailable),
        assert.rejects(last(client.echoServerStream({})), unavailable),
      ];
      await eventually(() => begun.length === 2, "both calls have begun");
      let hookRan = false;
      server.onShutdown(() => {
        hookRan = true;
      });
      const before = performance.now();
      assert.deepEqual(await stopping(t, server), ["Shutdown timeout (100ms) exceeded"]);
      assert.ok(performance.now() - before < 3_000, "it does not wait");
      await Promise.all(cut);
      assert.deepEqual([server.state, hookRan], ["stopped", true]);
      const service = `/${EchoService.typeName}`;
      const left = `1 of ${service}/Echo, 1 of ${service}/EchoServerStream`;
      assert.deepEqual(warned, [`calls were aborted, as they did not end in time: ${left}`]);
    });
  }
}

test("in gracePeriod health says NOT_SERVING, and connections and calls are accepted as before", {
  timeout: 10_000,
}, async (t) => {
  const { server, url, port } = await serveEcho(
    t,
    { echo: async ({ text }) => ({ text }) },
    { shutdown: { gracePeriod: 600 }, protocols: [Healthcheck({ httpEnabled: true, autoServing: true })] },
  );
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  const before = performance.now();
  const stopped = server.stop();
  assert.deepEqual([server.state, server.shutdownSignal.aborted], ["stopping", false]);
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: "close" } })).status, 503);
  assert.equal((await client.echo({ text: "late" })).text, "late");
  const another = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  assert.equal((await another.echo({ text: "later" })).text, "later");
  assert.equal(server.shutdownSignal.aborted, false);
  await once(server.shutdownSignal, "abort");
  const took = performance.now() - before;
  assert.ok(took > 580, `the signal aborts after ${took} ms`);
  await stopped;
  assert.equal(await isOpen(port), false);
});

for (const secure of [false, true]) {
  for (const httpVersion of ["1.1", "2"] as const) {
    test(`a client of HTTP/${httpVersion}${secure ? " and TLS" : ""} that reads 8 MiB slowly gets them while the server stops`, {
      timeout: 30_000,
    }, async (t) => {
      const size = 8 * 1024 * 1024;
      const { server, port } = await serveEcho(
        t,
        { echo: async () => ({ text: "x".repeat(size) }) },
        { shutdown: { timeout: 20_000 }, ...(secure ? { tls: identity("server") } : {}) },
      );
      const read = await slowReader(httpVersion, `${secure ? "https" : "http"}://localhost:${port}`);
      const stopped = stopping(t, server);
      await sleep(1_500);
      // The message has a tag and a length before its text.
      assert.ok((await read()) > size);
      assert.deepEqual(await stopped, []);
    });
  }
}

/** Makes a call whose response is not read until the result is called, which resolves to the bytes of the body. */
async function slowReader(httpVersion: "1.1" | "2", origin: string): Promise<() => Promise<number>> {
  const path = `/${EchoService.typeName}/Echo`;
  if (httpVersion === "1.1") {
    const { request } = origin.startsWith("https") ? https : http;
    const call = request(`${origin}${path}`, { method: "POST", ca, headers: { "content-type": "application/proto" } });
    call.end();
    const [response] = (await once(call, "response")) as [http.IncomingMessage];
    return () => bytesOf(response);
  }
  const session = http2.connect(origin, { ca });
  const call = session.request({ ":method": "POST", ":path": path, "content-type": "application/proto" });
  call.end();
  await once(call, "response");
  return () => bytesOf(call).finally(() => session.close());
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of body) bytes += piece.length;
  return bytes;
}

for (const kind of ["unary", ...streams] as const) {
  // contract: X7, H7
  test(`forceCloseOnTimeout false: stop() returns at the timeout, and the ${kind} continues`, {
    timeout: 10_000,
  }, async (t) => {
    const mayEnd = deferred();
    const { server, call } = await inFlight(
      t,
      { shutdown: { timeout: 100, forceCloseOnTimeout: false } },
      kind,
      async () => {
        await mayEnd.promise;
        return "after all";
      },
    );
    let hookRan = false;
    server.onShutdown(() => {
      hookRan = true;
    });
    assert.deepEqual(await stopping(t, server), ["Shutdown timeout (100ms) exceeded"]);
    assert.deepEqual([server.state, server.address, hookRan], ["stopped", null, true]);
    mayEnd.resolve();
    assert.equal(await call, "after all");
  });
}

// contract: DEC-process-ends, X7
test("a call that continues keeps the process alive until it has ended", { timeout: 30_000 }, async (t) => {
  const program = startProgram(t, "call-after-stop");
  const port = (await program.line(/^running/)).split(" ")[1];
  const response = fetch(`http://127.0.0.1:${port}/connectum.test.v1.EchoService/Echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  await program.line(/^call begins/);
  program.kill("SIGTERM");
  assert.equal((await response).status, 200);
  const { code, signal, lines } = await program.exited;
  assert.deepEqual([code, signal], [0, null]);
  assert.deepEqual(lines.slice(-2), ["stop", "call ends"]);
});
