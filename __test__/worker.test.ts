// Servers in worker threads, which may be terminated at any time.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "./support/certificates.ts";
import { startProgram } from "./support/program.ts";
import { serveEcho } from "./support/serve-echo.ts";

const ROUNDS = 20;

async function startWorker(workerData: object = {}) {
  const worker = new Worker(new URL("support/server-worker.mjs", import.meta.url), { stdout: true, workerData });
  const [port] = (await once(worker, "message")) as [number];
  return { worker, port, url: `http://127.0.0.1:${port}` };
}

/** Resolves when `count` calls have reached their handlers in the worker. */
async function begun(worker: Worker, count: number) {
  for (let call = 0; call < count; call += 1) await once(worker, "message");
}

/** Whether connections are refused within two seconds: the socket is closed on another thread. */
async function isClosed(port: number) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isRefused = await once(socket, "connect").then(
      () => false,
      () => true,
    );
    socket.destroy();
    if (isRefused) return true;
    await sleep(20); // Between attempts.
  }
  return false;
}

async function bystander(t: TestContext) {
  const { url } = await serveEcho(t, { echo: ({ text }) => ({ text }) });
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  return async () => assert.equal((await client.echo({ text: "here" })).text, "here");
}

test(`a worker with an idle server is terminated, ${ROUNDS} times`, { timeout: 120_000 }, async (t) => {
  const checkMainThread = await bystander(t);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { worker, port, url } = await startWorker();
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
    assert.equal((await client.echoGet({ text: "a" })).text, "a");
    const before = performance.now();
    await worker.terminate();
    assert.ok(performance.now() - before < 4_000, "terminate() does not wait for connections");
    assert.equal(await isClosed(port), true);
    await checkMainThread();
  }
});

// contract: TR-end
test("a worker whose server watches its certificates is terminated, 10 times", { timeout: 60_000 }, async () => {
  const tls = { certPath: certificatePath("server.crt"), keyPath: certificatePath("server.key") };
  for (let round = 0; round < 10; round += 1) {
    const { worker, port } = await startWorker({ tls });
    await sleep(20 * round); // Before, while and after the files are first read again.
    const before = performance.now();
    await worker.terminate();
    assert.ok(performance.now() - before < 2_000, "terminate() does not wait for the watch");
    assert.equal(await isClosed(port), true);
  }
});

test(`a worker with calls in flight is terminated, ${ROUNDS} times`, { timeout: 120_000 }, async (t) => {
  const checkMainThread = await bystander(t);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { worker, port, url } = await startWorker();
    const calls: Promise<unknown>[] = [];
    for (const transport of [
      createGrpcTransport({ baseUrl: url }),
      createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
    ]) {
      const client = createClient(EchoService, transport);
      const stream = async () => {
        for await (const _ of client.echoServerStream({}));
      };
      calls.push(client.echo({}), client.echo({}), stream(), stream());
    }
    const outcomes = Promise.allSettled(calls);
    await begun(worker, calls.length);
    const before = performance.now();
    await worker.terminate();
    assert.ok(performance.now() - before < 4_000, "terminate() does not wait for calls");
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      calls.map(() => "rejected"),
      "every client is told",
    );
    assert.equal(await isClosed(port), true);
    await checkMainThread();
  }
});

test("a worker is terminated under a constant load of requests", { timeout: 60_000 }, async (t) => {
  const checkMainThread = await bystander(t);
  for (let round = 0; round < 5; round += 1) {
    const { worker, port } = await startWorker();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    const closed = new Promise((resolve) => session.once("close", resolve));
    for (let call = 0; call < 500; call += 1) {
      const stream = session.request({
        ":method": "POST",
        ":path": "/connectum.test.v1.EchoService/EchoGet",
        "content-type": "application/json",
      });
      stream.on("error", () => {});
      stream.resume();
      stream.end("{}");
    }
    await sleep(round * 3); // Each round ends the worker at another moment of its calls.
    await worker.terminate();
    await closed;
    await checkMainThread();
  }
});

test("a server in a worker can be stopped, and the worker then ends by itself", { timeout: 30_000 }, async () => {
  const { worker, port, url } = await startWorker();
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  assert.equal((await client.echoGet({ text: "a" })).text, "a");
  const exited = once(worker, "exit");
  worker.postMessage("stop");
  assert.deepEqual(await exited, [0]);
  assert.equal(await isClosed(port), true);
});

test("servers in several workers and in the main thread serve at the same time", { timeout: 30_000 }, async (t) => {
  const checkMainThread = await bystander(t);
  const workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
  t.after(() => Promise.all(workers.map(({ worker }) => worker.terminate())));
  await Promise.all(
    workers.map(async ({ url }) => {
      const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
      const answers = await Promise.all(["a", "b", "c"].map((text) => client.echoGet({ text })));
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["a", "b", "c"],
      );
    }),
  );
  await workers[0]?.worker.terminate();
  const [, second] = workers;
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: second?.url ?? "" }));
  assert.equal((await client.echoGet({ text: "still here" })).text, "still here");
  await checkMainThread();
});

test("workers start and end while the main thread has no server", { timeout: 60_000 }, async (t) => {
  const { code, signal, lines, stderr } = await startProgram(t, "workers-only").exited;
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: "" });
  assert.equal(lines.at(-1), "done");
});

test("nothing is kept of the calls in flight of workers that are terminated", { timeout: 120_000 }, async (t) => {
  const { code, lines, stderr } = await startProgram(t, "terminated-workers").exited;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  // Memory of a process goes up and down by some MiB whatever it does; the heads of all calls are 128 MB.
  assert.ok(Number(lines.at(-1)) < 0.5, `${lines.at(-1)} of the heads is kept`);
});
