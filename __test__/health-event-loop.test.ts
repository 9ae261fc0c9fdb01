// Health while the JavaScript thread is blocked: requests are answered, and report that the event loop is late.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  createHealthcheckManager,
  Healthcheck,
  type HealthcheckManager,
  type HealthcheckOptions,
  ServingStatus,
} from "@connectum/healthcheck";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { envelope } from "./support/envelope.ts";
import { serve } from "./support/serve.ts";

const CHECK = "/grpc.health.v1.Health/Check";

/** A response as the worker saw it; `at` is the wall-clock time of the request. */
interface Answer {
  readonly what: string;
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly body: string;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread without using a processor that the server needs. */
function block(ms: number): { readonly from: number; readonly to: number } {
  const from = Date.now();
  Atomics.wait(pause, 0, 0, ms);
  return { from, to: Date.now() };
}

/** Sends requests to a healthy server while `work` runs. */
async function watching(
  t: TestContext,
  work: () => Promise<void>,
  options: HealthcheckOptions & { manager: HealthcheckManager },
) {
  const { manager } = options;
  const { port } = await serve(t, {
    services: [(router) => router.service(EchoService, {})],
    protocols: [Healthcheck({ httpEnabled: true, ...options })],
  });
  manager.update(ServingStatus.SERVING);
  const worker = new Worker(new URL("support/poll-worker.mjs", import.meta.url), {
    workerData: {
      port,
      paths: ["/livez", "/readyz", "/healthz"],
      calls: [{ path: CHECK, body: envelope(Buffer.alloc(0)).toString("base64") }],
      everyMs: 20,
    },
  });
  t.after(() => worker.terminate());
  await once(worker, "message");
  await work();
  worker.postMessage("enough");
  const [answers]: Answer[][] = await once(worker, "message");
  /** The distinct responses to requests that were sent and answered within a period. */
  const answered = (what: string, from: number, to: number) => {
    const of =
      answers?.filter((answer) => answer.what === what && answer.at >= from && answer.at + answer.ms < to) ?? [];
    assert.ok(of.length > 0, `${what} was asked`);
    return [...new Set(of.map(({ status, body }) => (what === CHECK ? Buffer.from(body, "base64").at(-1) : status)))];
  };
  return { answers: answers ?? [], answered };
}

// contract: HC-answered, HC-event-loop, HC-lag
test("while the event loop is blocked, health responds; /readyz and Check fail after eventLoopTimeout and recover", {
  timeout: 30_000,
}, async (t) => {
  let blocked = { from: 0, to: 0 };
  let lag = 0;
  const manager = createHealthcheckManager();
  const { answers, answered } = await watching(
    t,
    async () => {
      await sleep(100); // Answers before it is blocked.
      blocked = block(2_000);
      lag = manager.eventLoopLagMs;
      await sleep(1_200); // Answers after it is free again, of which the last 200 ms are asserted.
    },
    { manager, eventLoopTimeout: 500 },
  );
  const { from, to } = blocked;
  const { SERVING, NOT_SERVING } = ServingStatus;
  // Rust checks at the latest an eighth of a second after blocking begins; half a second later the loop is late.
  const late = from + 500 + 125 + 100;
  assert.deepEqual([answered("/readyz", 0, from + 400), answered(CHECK, 0, from + 400)], [[200], [SERVING]], "in time");
  assert.deepEqual([answered("/readyz", late, to), answered(CHECK, late, to)], [[503], [NOT_SERVING]], "late");
  assert.deepEqual(answered("/livez", from, to), [200], "it is alive");
  assert.deepEqual(answered("/healthz", from, to), [200], "and nothing else was reported");
  assert.deepEqual(
    [answered("/readyz", to + 1_000, Infinity), answered(CHECK, to + 1_000, Infinity)],
    [[200], [SERVING]],
  );
  assert.ok(lag >= 1_500 && lag < 2_500, `the manager knows of the lag: ${lag} ms`);
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  assert.ok(slowest < 1_000, `every answer came while it was blocked: ${slowest} ms`);
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  assert.ok((times[times.length >> 1] ?? Infinity) < 20, "most of them at once");
});

// contract: HC-liveness
test("with an event loop that is silent for livenessTimeout, /livez fails until it responds again", {
  timeout: 30_000,
}, async (t) => {
  let blocked = { from: 0, to: 0 };
  const { answered } = await watching(
    t,
    async () => {
      blocked = block(1_500);
      await sleep(500); // As above.
    },
    { manager: createHealthcheckManager(), eventLoopTimeout: 100, livenessTimeout: 700 },
  );
  const { from, to } = blocked;
  assert.deepEqual(answered("/livez", from, from + 600), [200]);
  assert.deepEqual(answered("/livez", from + 900, to), [503]);
  assert.deepEqual(answered("/livez", to + 300, Infinity), [200]);
});

// contract: HC-event-loop
test("an idle event loop is not late", { timeout: 20_000 }, async (t) => {
  const manager = createHealthcheckManager();
  // Five times the limit.
  const { answered } = await watching(t, () => sleep(1_000), { manager, eventLoopTimeout: 200 });
  assert.deepEqual(answered("/readyz", 0, Infinity), [200]);
  assert.ok(manager.eventLoopLagMs < 200, `${manager.eventLoopLagMs} ms`);
});
