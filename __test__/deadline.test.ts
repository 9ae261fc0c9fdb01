// A deadline ends its call, whatever the handler does.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { blockEventLoop } from "./support/block-event-loop.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";

const ECHO = "/connectum.test.v1.EchoService/Echo";
const EMPTY_ENVELOPE = new Uint8Array(5);

const transports = {
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
};

/** A client that only sends the deadline, and would itself wait without a limit. */
const onTheWire = (milliseconds: number) => ({
  headers: { "grpc-timeout": `${milliseconds}m`, "connect-timeout-ms": `${milliseconds}` },
});

for (const [name, transport] of Object.entries(transports)) {
  // contract: CN-deadline
  test(`${name}: a call whose handler never responds fails, and its signal aborts`, {
    timeout: 10_000,
  }, async (t) => {
    const reasons: unknown[] = [];
    const never = (context: HandlerContext) => {
      context.signal.addEventListener("abort", () => reasons.push(context.signal.reason));
      return new Promise<never>(() => {});
    };
    const { url } = await serveEcho(t, {
      echo: (_, context) => never(context),
      echoClientStream: (_, context) => never(context),
      async *echoServerStream(_, context) {
        yield { text: "first" };
        await never(context);
      },
    });
    const client = createClient(EchoService, transport(url));
    const isExpired = (error: unknown) => error instanceof ConnectError && error.code === Code.DeadlineExceeded;

    await assert.rejects(client.echo({}, onTheWire(100)), isExpired);
    await assert.rejects(client.echoClientStream((async function* () {})(), onTheWire(100)), isExpired);
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const { text } of client.echoServerStream({}, onTheWire(200))) seen.push(text);
    }, isExpired);
    assert.deepEqual(seen, ["first"], "messages before the deadline are delivered");
    await eventually(() => reasons.length === 3, "the handlers' signals abort");
    assert.ok(reasons.every(isExpired), "each signal says why");
  });
}

test("deadlines hold while JavaScript is busy, for started and for waiting calls", {
  timeout: 20_000,
}, async (t) => {
  let seen = 0;
  const { port } = await serveEcho(t, {
    echo: () => {
      seen += 1;
      blockEventLoop(2_000);
      return {};
    },
  });
  const grpc = (timeout: string) => ({
    path: ECHO,
    headers: { "content-type": "application/grpc", te: "trailers", "grpc-timeout": timeout },
    body: EMPTY_ENVELOPE,
  });
  const connect = {
    path: ECHO,
    headers: { "content-type": "application/json", "connect-timeout-ms": "250" },
    body: new TextEncoder().encode("{}"),
  };
  const worker = new Worker(new URL("support/raw-call-worker.mjs", import.meta.url), {
    workerData: { port, requests: [grpc("200m"), grpc("300m"), connect] },
  });
  await once(worker, "message");
  worker.postMessage("go");
  const [answers] = await once(worker, "message");

  const took = answers.map(({ ms }: { ms: number }) => ms);
  assert.ok(Math.max(...took) < 1_500, `answered on time: ${took.map(Math.round).join(", ")} ms`);
  const [first, second, third] = answers;
  for (const { head, trailers } of [first, second]) {
    assert.equal(head["grpc-status"] ?? trailers["grpc-status"], "4");
  }
  assert.equal(third.head[":status"], 504);
  assert.equal(JSON.parse(third.text).code, "deadline_exceeded");
  assert.equal(seen, 1, "a call that expired while queued never reaches its handler");
});

// contract: CN-long-timeout
test("timeoutMs() is the time until the deadline", { timeout: 10_000 }, async (t) => {
  const remaining: (number | undefined)[] = [];
  const { url } = await serveEcho(t, {
    echo(_, context) {
      remaining.push(context.timeoutMs());
      return {};
    },
  });
  const client = createClient(EchoService, transports.Connect(url));
  await client.echo({}, onTheWire(60_000));
  // Connect allows more than a hundred days; 2^31 ms overflow a Node timer.
  await client.echo({}, onTheWire(9_999_999_999));
  await client.echo({});
  const [minute, months, unlimited] = remaining;
  assert.ok(minute !== undefined && minute > 50_000 && minute <= 60_000, `${minute}`);
  assert.ok(months !== undefined && months > 9_999_900_000, `${months}`);
  assert.equal(unlimited, undefined);
});

test("a stream whose client does not read ends at its deadline", { timeout: 20_000 }, async (t) => {
  const { connect } = await import("node:http2");
  let returned = false;
  const { port } = await serveEcho(t, {
    async *echoServerStream() {
      try {
        const payload = new Uint8Array(64 * 1024);
        for (;;) yield { payload };
      } finally {
        returned = true;
      }
    },
  });
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/connectum.test.v1.EchoService/EchoServerStream",
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-timeout": "300m",
  });
  stream.on("error", () => {});
  stream.end(EMPTY_ENVELOPE);
  await once(stream, "response");
  stream.pause();
  await eventually(() => returned, "the generator's return() is called");
});

test("maxTimeoutMs rejects longer timeouts, and allows calls without one", { timeout: 10_000 }, async (t) => {
  const { url } = await serveEcho(t, { echo: ({ text }) => ({ text }) }, { maxTimeoutMs: 1_000 });
  for (const transport of Object.values(transports)) {
    const client = createClient(EchoService, transport(url));
    assert.equal((await client.echo({ text: "a" }, onTheWire(1_000))).text, "a");
    assert.equal((await client.echo({ text: "b" })).text, "b");
    await assert.rejects(client.echo({}, onTheWire(1_001)), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.InvalidArgument);
      assert.match(error.rawMessage, /timeout 1001ms must be <= 1000/);
      return true;
    });
  }
});
