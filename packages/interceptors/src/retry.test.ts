// Retries: which errors, how often, after which delays.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type AnyRequest,
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
import { createRetryInterceptor, type RetryOptions } from "./retry.ts";
import { createTimeoutInterceptor } from "./timeout.ts";

const unavailable = new ConnectError("down", Code.Unavailable);
const noDelay: RetryOptions = { initialDelay: 0 };

/** The number of attempts when every one fails with this error. */
async function calls(options: RetryOptions, error: unknown, request: AnyRequest = unaryRequest()): Promise<number> {
  const next = failing(error);
  assert.equal(await rejection(run(createRetryInterceptor({ ...noDelay, ...options }), next, request)), error);
  return next.mock.callCount();
}

// contract: RT-1, COM-2
test("invalid numbers are rejected", () => {
  for (const name of ["maxRetries", "initialDelay", "maxDelay"]) {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => createRetryInterceptor({ [name]: value }), {
        name: "Error",
        message: `${name} must be a non-negative finite number`,
        cause: value,
      });
    }
  }
});

// contract: RT-2, RT-5, RT-6, RT-12
test("at most 1 + maxRetries calls are made, and the last error is thrown", async () => {
  const options: [RetryOptions, number][] = [
    [{}, 4],
    [{ maxRetries: 0 }, 1],
    [{ maxRetries: 1 }, 2],
    [{ maxRetries: 1.5 }, 3],
    [{ retryableCodes: [] }, 1],
  ];
  for (const [option, count] of options) assert.equal(await calls(option, unavailable), count, JSON.stringify(option));
  const errors = [1, 2, 3, 4].map((count) => new ConnectError(`${count}`, Code.Unavailable));
  assert.equal(await rejection(run(createRetryInterceptor(noDelay), failing(...errors), unaryRequest())), errors[3]);
});

for (const [what, error, count] of [
  ["unavailable", unavailable, 4],
  ["resource_exhausted", new ConnectError("full", Code.ResourceExhausted), 4],
  ["internal", new ConnectError("a", Code.Internal), 1],
  ["an error that is not a ConnectError", new Error("a"), 1],
  ["an abort", new DOMException("a", "AbortError"), 1],
] as const) {
  // contract: RT-3, RT-4
  test(`${what} is ${count > 1 ? "" : "not "}retried`, async () => {
    assert.equal(await calls({}, error), count);
  });
}

// contract: RT-3
test("an error that is not a ConnectError counts as unknown, an abort as canceled", async () => {
  assert.equal(await calls({ retryableCodes: [Code.Unknown] }, new Error("a")), 4);
  assert.equal(await calls({ retryableCodes: [Code.Canceled] }, new DOMException("a", "TimeoutError")), 4);
});

// contract: RT-7, COM-5
test("each attempt gets the same request; a response passes as the same object", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  const seen: AnyRequest[] = [];
  const next: Next = async (given) => {
    seen.push(given);
    if (seen.length < 3) throw unavailable;
    return response;
  };
  assert.equal(await run(createRetryInterceptor(noDelay), next, request), response);
  assert.deepEqual(seen, [request, request, request]);
  assert.ok(seen.every((given) => given === request));
});

/** The delays between attempts, in milliseconds. */
async function waits(t: TestContext, options: RetryOptions): Promise<number[]> {
  const all: number[] = [];
  const mock = t.mock.method(globalThis, "setTimeout", (callback: () => void, ms: number) => {
    all.push(ms);
    queueMicrotask(callback);
    return 0;
  });
  await rejection(run(createRetryInterceptor(options), failing(unavailable), unaryRequest()));
  mock.mock.restore();
  return all;
}

// contract: RT-8
test("delays grow exponentially, with decorrelated jitter", async (t) => {
  const random = t.mock.method(Math, "random");
  const formula = (time: number) => 2 ** time * Math.tanh(Math.sqrt(4 * time));
  for (const u of [0, 0.25, 0.999]) {
    random.mock.mockImplementation(() => u);
    const expected = [0, 1, 2, 3].map((k) => {
      const grown = formula(k + u) - (k === 0 ? 0 : formula(k - 1 + u));
      return Math.min(5_000, (200 / 1.4) * Math.max(0, grown));
    });
    const got = await waits(t, { maxRetries: 4 });
    // A delay of 0 uses no timer.
    const rounded = (all: number[]) => all.filter((ms) => ms > 0).map((ms) => ms.toFixed(6));
    assert.deepEqual(rounded(got), rounded(expected));
  }
});

// contract: RT-9
test("with initialDelay: 0 there is no delay; maxDelay bounds a larger initialDelay", async (t) => {
  assert.deepEqual(await waits(t, { initialDelay: 0 }), []);
  t.mock.method(Math, "random", () => 0.9);
  assert.deepEqual(await waits(t, { initialDelay: 9_000, maxDelay: 7 }), [7, 7, 7]);
  assert.deepEqual(await waits(t, { initialDelay: 1e12, maxDelay: 1e12, maxRetries: 1 }), [2 ** 31 - 1]);
});

// contract: RT-10, SC-9
test("shortcoming 9, retry ignores cancellation: it ends the delay and the retries", async () => {
  const controller = new AbortController();
  const next = failing(unavailable);
  const retry = createRetryInterceptor({ initialDelay: 1e9, maxDelay: 1e9 });
  const call = rejection(run(retry, next, unaryRequest({ signal: controller.signal })));
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  assert.equal(((await call) as ConnectError).code, Code.Canceled);
  assert.equal(next.mock.callCount(), 1);
  const gone = failing(unavailable);
  assert.equal(await rejection(run(retry, gone, unaryRequest({ signal: AbortSignal.abort() }))), unavailable);
  assert.equal(gone.mock.callCount(), 1);
});

// contract: RT-10, SC-9
test("shortcoming 9, retry ignores deadlines: there is no attempt after the deadline", async () => {
  const next = failing(unavailable);
  const retry = createRetryInterceptor({ initialDelay: 1e9, maxDelay: 1e9 });
  const error = await rejection(run([createTimeoutInterceptor({ duration: 5 }), retry], next, unaryRequest()));
  assert.equal((error as ConnectError).code, Code.DeadlineExceeded);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(next.mock.callCount(), 1);
});

// contract: RT-11, SC-9
test("shortcoming 9, methods that are not idempotent are retried: idempotentOnly exempts them", async () => {
  const { echo, echoGet } = EchoService.method;
  const options = { idempotentOnly: true };
  assert.equal(await calls(options, unavailable, unaryRequest({ method: echo })), 1);
  assert.equal(await calls(options, unavailable, unaryRequest({ method: echoGet })), 4);
  assert.equal(await calls({}, unavailable, unaryRequest({ method: echo })), 4);
});

// contract: RT-11
test("retries add no headers", async () => {
  const request = unaryRequest();
  await rejection(run(createRetryInterceptor(noDelay), failing(unavailable), request));
  assert.deepEqual([...request.header], []);
});

// contract: COM-3
test("streaming calls are exempt, unless skipStreaming is false", async () => {
  assert.equal(await calls({}, unavailable, streamRequest()), 1);
  assert.equal(await calls({ skipStreaming: false }, unavailable, streamRequest()), 4);
});

test("errors that are thrown synchronously are retried, too", async () => {
  let count = 0;
  const next: Next = (request) => {
    count += 1;
    if (count === 1) throw unavailable;
    return answering()(request);
  };
  await run(createRetryInterceptor(noDelay), next, unaryRequest());
  assert.equal(count, 2);
});
