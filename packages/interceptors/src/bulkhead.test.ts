// The bulkhead: running and waiting calls, rejections, cancellation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { BulkheadRejectedError } from "cockatiel";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import { deferred } from "../../../__test__/support/deferred.ts";
import {
  type AnyRequest,
  type AnyResponse,
  answering,
  failing,
  type Next,
  rejection,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { EchoService } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type BulkheadOptions, createBulkheadInterceptor } from "./bulkhead.ts";

/** Calls that end when the test ends them. */
function held() {
  const open: { request: AnyRequest; end: (error?: unknown) => void }[] = [];
  const next: Next = (request) => {
    const { promise, resolve, reject } = deferred<AnyResponse>();
    open.push({ request, end: (error) => (error === undefined ? resolve(responseTo(request)) : reject(error)) });
    return promise;
  };
  return { next, open };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

// contract: BH-1, BH-2, COM-2
test("invalid limits are rejected", () => {
  for (const capacity of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createBulkheadInterceptor({ capacity }), {
      message: "capacity must be a positive finite number",
      cause: capacity,
    });
  }
  for (const queueSize of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createBulkheadInterceptor({ queueSize }), {
      message: "queueSize must be a non-negative finite number",
      cause: queueSize,
    });
  }
});

for (const [options, runs, waits] of [
  [{}, 10, 10],
  [{ capacity: 2, queueSize: 3 }, 2, 3],
  [{ capacity: 1, queueSize: 0 }, 1, 0],
  [{ capacity: 1.5, queueSize: 1.5 }, 2, 2],
] as [BulkheadOptions, number, number][]) {
  // contract: BH-3, BH-4, BH-5, BH-6, BH-9, SC-10
  test(`shortcoming 10, the error counts free slots: ${JSON.stringify(options)} counts ${runs} running, ${waits} waiting`, async () => {
    const { next, open } = held();
    const bulkhead = createBulkheadInterceptor(options);
    const calls = Array.from({ length: runs + waits }, () => run(bulkhead, next, unaryRequest()));
    await turn();
    const { capacity = 10, queueSize = 10 } = options;
    assert.deepEqual(bulkhead.usage(), { active: runs, capacity, queued: waits, queueSize });
    const error = await rejection(run(bulkhead, next, unaryRequest()));
    assert.equal(
      String(error),
      `ConnectError: [resource_exhausted] Bulkhead capacity exceeded (active: ${runs}/${capacity}, queued: ${waits}/${queueSize})`,
    );
    assert.equal(open.length, runs);
    for (let ended = 0; ended < calls.length; ended++) {
      open[ended]?.end();
      await turn();
    }
    await Promise.all(calls);
    assert.deepEqual(bulkhead.usage(), { active: 0, capacity, queued: 0, queueSize });
  });
}

// contract: BH-7, BH-8, BH-10, COM-5
test("waiting calls run first in, first out, after successes and failures; errors pass unchanged", async () => {
  const { next, open } = held();
  const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 5 });
  const requests = Array.from({ length: 3 }, () => unaryRequest());
  const calls = requests.map((request) => run(bulkhead, next, request));
  await turn();
  const error = new Error("a");
  open[0]?.end(error);
  assert.equal(await rejection(calls[0] ?? assert.fail()), error);
  await turn();
  open[1]?.end();
  await turn();
  open[2]?.end();
  await Promise.all(calls.slice(1));
  assert.deepEqual(
    open.map(({ request }) => request),
    requests,
  );
});

// contract: TO-5, SC-8
test("shortcoming 8, a waiting call runs although it was aborted: it does not, and the next one gets its turn", async () => {
  const { next, open } = held();
  const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 5 });
  const first = run(bulkhead, next, unaryRequest());
  const controller = new AbortController();
  const second = rejection(run(bulkhead, next, unaryRequest({ signal: controller.signal })));
  const third = unaryRequest();
  const last = run(bulkhead, next, third);
  await turn();
  const reason = new ConnectError("took too long", Code.DeadlineExceeded);
  controller.abort(reason);
  assert.equal(await second, reason);
  open[0]?.end();
  await first;
  await turn();
  assert.equal(open[1]?.request, third);
  open[1]?.end();
  await last;
  assert.equal(open.length, 2);
});

// contract: TO-5, SC-8
test("shortcoming 8, an aborted call keeps its slot: it does not, even if its work never ends", async () => {
  const { next } = held();
  const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 0 });
  const controller = new AbortController();
  const first = rejection(run(bulkhead, next, unaryRequest({ signal: controller.signal })));
  await turn();
  assert.equal(bulkhead.usage().active, 1);
  controller.abort();
  assert.equal(((await first) as ConnectError).code, Code.Canceled);
  assert.equal(bulkhead.usage().active, 0);
  await run(bulkhead, answering(), unaryRequest());
});

// contract: SC-11, COM-4
test("shortcoming 11, one instance covers all methods: with perMethod each has its own", async () => {
  const { next, open } = held();
  const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 0, perMethod: true });
  const { echo, echoGet } = EchoService.method;
  const calls = [echo, echoGet].map((method) => run(bulkhead, next, unaryRequest({ method })));
  await turn();
  assert.deepEqual([bulkhead.usage(echo).active, bulkhead.usage(echoGet).active], [1, 1]);
  for (const { end } of open) end();
  await Promise.all(calls);
  assert.throws(() => bulkhead.usage(), /^TypeError: with perMethod, each method has its own state/);
  const shared = createBulkheadInterceptor({ capacity: 1, queueSize: 0 });
  const [one] = [run(shared, held().next, unaryRequest({ method: echo }))];
  await turn();
  assert.equal(shared.usage(echoGet).active, 1);
  void one.catch(() => {});
});

// contract: SC-11
test("shortcoming 11, there are no events: onReject is called, and may throw", async (t) => {
  const lines = consoleLines(t, "error");
  const rejections: unknown[] = [];
  const bulkhead = createBulkheadInterceptor({
    capacity: 1,
    queueSize: 0,
    onReject: (rejection) => {
      rejections.push(rejection);
      throw new Error("onReject is broken");
    },
  });
  void run(bulkhead, held().next, unaryRequest()).catch(() => {});
  await turn();
  assert.equal(
    ((await rejection(run(bulkhead, answering(), unaryRequest()))) as ConnectError).code,
    Code.ResourceExhausted,
  );
  assert.deepEqual(rejections, [{ active: 1, capacity: 1, queued: 0, queueSize: 0, method: EchoService.method.echo }]);
  assert.equal(lines.length, 1);
});

// contract: BH-10
test("the rejection of another bulkhead inside passes unchanged", async () => {
  const inner = new BulkheadRejectedError(1, 1);
  assert.equal(await rejection(run(createBulkheadInterceptor(), failing(inner), unaryRequest())), inner);
});

// contract: COM-3
test("streaming calls are exempt, unless skipStreaming is false", async () => {
  const { next, open } = held();
  const bulkhead = createBulkheadInterceptor({ capacity: 1, queueSize: 0 });
  const streams = [streamRequest(), streamRequest()];
  for (const stream of streams) void run(bulkhead, next, stream);
  await turn();
  assert.equal(open.length, 2);
  const all = createBulkheadInterceptor({ capacity: 1, queueSize: 0, skipStreaming: false });
  void run(all, next, streamRequest());
  await turn();
  assert.equal(((await rejection(run(all, next, streamRequest()))) as ConnectError).code, Code.ResourceExhausted);
});
