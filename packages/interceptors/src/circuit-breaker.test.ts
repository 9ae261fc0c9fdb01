// The circuit breaker: counting failures, opening, probing, closing.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { BrokenCircuitError } from "cockatiel";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import { deferred } from "../../../__test__/support/deferred.ts";
import {
  answering,
  failing,
  failingStream,
  messagesOf,
  type Next,
  rejection,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { EchoResponseSchema, EchoService } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import {
  type CircuitBreakerOptions,
  type CircuitStateChange,
  createCircuitBreakerInterceptor,
  defaultFailurePredicate,
} from "./circuit-breaker.ts";
import { createTimeoutInterceptor } from "./timeout.ts";

const unavailable = new ConnectError("down", Code.Unavailable);
const notFound = new ConnectError("no such row", Code.NotFound);

const turn = () => new Promise((resolve) => setImmediate(resolve));

const isOpen = (error: unknown) =>
  error instanceof ConnectError && error.rawMessage.startsWith("Circuit breaker is open");

/** Makes calls with these outcomes in turn, and returns what the caller gets; `undefined` is a response. */
async function outcomes(breaker: Interceptor, ...errors: unknown[]): Promise<unknown[]> {
  const got: unknown[] = [];
  for (const error of errors) {
    const call = run(breaker, failing(error), unaryRequest());
    got.push(
      await call.then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
  }
  return got;
}

/** An open circuit, with a mocked clock. */
async function opened(t: TestContext, options: Omit<CircuitBreakerOptions, "threshold"> = {}) {
  t.mock.timers.enable({ apis: ["Date"] });
  const breaker = createCircuitBreakerInterceptor({ threshold: 1, ...options });
  await outcomes(breaker, unavailable);
  assert.equal(breaker.state(), "open");
  return breaker;
}

// contract: CB-1, CB-2, COM-2
test("invalid limits are rejected", () => {
  for (const threshold of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createCircuitBreakerInterceptor({ threshold }), {
      message: "threshold must be a positive finite number",
      cause: threshold,
    });
  }
  for (const halfOpenAfter of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createCircuitBreakerInterceptor({ halfOpenAfter }), {
      message: "halfOpenAfter must be a non-negative finite number",
      cause: halfOpenAfter,
    });
  }
});

for (const [threshold, calls] of [
  [undefined, 5],
  [1, 1],
  [2, 2],
  [2.5, 3],
] as const) {
  // contract: CB-6, CB-8, CB-15
  test(`a threshold of ${threshold}: after ${calls} consecutive failures calls are rejected`, async () => {
    const breaker = createCircuitBreakerInterceptor(threshold === undefined ? {} : { threshold });
    const all = Array.from({ length: calls }, () => unavailable);
    assert.deepEqual(await outcomes(breaker, ...all.slice(1), undefined, ...all), [...all.slice(1), undefined, ...all]);
    const next = answering();
    const error = await rejection(run(breaker, next, unaryRequest()));
    assert.equal(
      String(error),
      `ConnectError: [unavailable] Circuit breaker is open (${threshold ?? 5} consecutive failures)`,
    );
    assert.equal(next.mock.callCount(), 0);
  });
}

// contract: CB-7, SC-12
test("shortcoming 12, errors that do not count keep the count: they reset it, because the service has responded", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 2 });
  await outcomes(breaker, unavailable, notFound, unavailable);
  assert.equal(breaker.state(), "closed");
  await outcomes(breaker, unavailable);
  assert.equal(breaker.state(), "open");
});

test("a cancelled call does not change the count", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 2 });
  const canceled = new ConnectError("gone", Code.Canceled);
  assert.deepEqual(await outcomes(breaker, unavailable, canceled, unavailable), [unavailable, canceled, unavailable]);
  assert.equal(breaker.state(), "open");
});

// contract: CB-4, SEED-2
test("a predicate decides, and gets the default one", async () => {
  const seen: unknown[][] = [];
  const breaker = createCircuitBreakerInterceptor({
    threshold: 1,
    failurePredicate: (...given) => {
      seen.push(given);
      return true;
    },
  });
  await outcomes(breaker, notFound);
  assert.deepEqual(seen, [[notFound, defaultFailurePredicate]]);
  assert.equal(breaker.state(), "open");
});

// contract: CB-5
test("a predicate that throws counts the error, which the caller gets, and the console shows what it threw", async (t) => {
  const lines = consoleLines(t, "error");
  const thrown = new Error("predicate is broken");
  const breaker = createCircuitBreakerInterceptor({
    threshold: 1,
    failurePredicate: () => {
      throw thrown;
    },
  });
  assert.deepEqual(await outcomes(breaker, notFound), [notFound]);
  assert.equal(breaker.state(), "open");
  assert.deepEqual(lines, [["[circuit-breaker] failurePredicate threw \u2014 counting error as failure:", thrown]]);
});

// contract: CB-9
test("after halfOpenAfter the next call is the probe; until then the circuit stays open", async (t) => {
  const breaker = await opened(t);
  t.mock.timers.tick(29_999);
  assert.ok((await outcomes(breaker, undefined)).every(isOpen));
  t.mock.timers.tick(1);
  assert.equal(breaker.state(), "open");
  assert.deepEqual(await outcomes(breaker, undefined), [undefined]);
  assert.equal(breaker.state(), "closed");
});

for (const [what, error, state] of [
  ["succeeds", undefined, "closed"],
  ["fails with an error that does not count", notFound, "closed"],
  ["fails", unavailable, "open"],
] as const) {
  // contract: CB-10, CB-11
  test(`other calls wait for a probe; it ${what}: the circuit is ${state}`, async (t) => {
    const breaker = await opened(t, { halfOpenAfter: 10 });
    t.mock.timers.tick(10);
    const { promise: settled, resolve: settle } = deferred();
    const probing: Next = async (request) => {
      await settled;
      if (error !== undefined) throw error;
      return responseTo(request);
    };
    const probe = run(breaker, probing, unaryRequest()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const next = answering();
    const waiting = run(breaker, next, unaryRequest()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await turn();
    assert.deepEqual([breaker.state(), next.mock.callCount()], ["half-open", 0]);
    settle();
    assert.equal(await probe, error);
    assert.equal(breaker.state(), state);
    assert.equal(isOpen(await waiting), state === "open");
    assert.equal(next.mock.callCount(), state === "open" ? 0 : 1);
    if (state === "open") {
      t.mock.timers.tick(10);
      assert.deepEqual(await outcomes(breaker, undefined), [undefined]);
    }
  });
}

test("a call that is cancelled while it waits for a probe ends at once, and never reaches the service", async (t) => {
  const breaker = await opened(t, { halfOpenAfter: 0 });
  const { promise: settled, resolve: settle } = deferred();
  const probing: Next = (request) => settled.then(() => responseTo(request));
  const probe = run(breaker, probing, unaryRequest());
  const controller = new AbortController();
  const next = answering();
  const waiting = rejection(run(breaker, next, unaryRequest({ signal: controller.signal })));
  controller.abort();
  assert.equal(((await waiting) as ConnectError).code, Code.Canceled);
  settle();
  await probe;
  await turn();
  assert.deepEqual([next.mock.callCount(), breaker.state()], [0, "closed"]);
});

for (const [when, error] of [
  ["while it runs", undefined],
  ["before it starts", new Error("the service was called")],
] as const) {
  // contract: CB-11, SC-12
  test(`a probe that is cancelled ${when} leaves the circuit open, and waiting calls are rejected`, async (t) => {
    const breaker = await opened(t, { halfOpenAfter: 10 });
    t.mock.timers.tick(10);
    const controller = new AbortController();
    if (error !== undefined) controller.abort();
    const hanging: Next = () => (error === undefined ? new Promise(() => {}) : Promise.reject(error));
    const probe = rejection(run(breaker, hanging, unaryRequest({ signal: controller.signal })));
    const next = answering();
    const waiting = rejection(run(breaker, next, unaryRequest()));
    controller.abort();
    assert.equal(((await probe) as ConnectError).code, Code.Canceled);
    assert.ok(isOpen(await waiting));
    assert.deepEqual([next.mock.callCount(), breaker.state()], [0, "open"]);
    t.mock.timers.tick(10);
    assert.deepEqual(await outcomes(breaker, undefined), [undefined]);
    assert.equal(breaker.state(), "closed");
  });
}

test("a streaming probe that is cancelled after its first message leaves the circuit closed", async (t) => {
  const breaker = await opened(t, { halfOpenAfter: 0, skipStreaming: false });
  const canceled = new ConnectError("gone", Code.Canceled);
  const response = await run(breaker, failingStream(canceled, 1), streamRequest());
  assert.equal(await rejection(messagesOf(response)), canceled);
  await turn();
  assert.equal(breaker.state(), "closed");
});

// contract: CB-12
test("with halfOpenAfter: 0 the next call is the probe", async (t) => {
  const breaker = await opened(t, { halfOpenAfter: 0 });
  assert.deepEqual(await outcomes(breaker, undefined), [undefined]);
});

// contract: CB-13, COM-4, SC-11
test("shortcoming 11, one instance covers all methods: with perMethod each has its own circuit", async () => {
  const { echo, echoGet } = EchoService.method;
  const shared = createCircuitBreakerInterceptor({ threshold: 1 });
  await rejection(run(shared, failing(unavailable), unaryRequest({ method: echo })));
  assert.ok(isOpen(await rejection(run(shared, answering(), unaryRequest({ method: echoGet })))));
  const own = createCircuitBreakerInterceptor({ threshold: 1, perMethod: true });
  await rejection(run(own, failing(unavailable), unaryRequest({ method: echo })));
  await run(own, answering(), unaryRequest({ method: echoGet }));
  assert.deepEqual([own.state(echo), own.state(echoGet)], ["open", "closed"]);
  assert.throws(() => own.state(), /^TypeError: with perMethod, each method has its own state/);
  const other = createCircuitBreakerInterceptor({ threshold: 1 });
  assert.equal(other.state(), "closed");
});

// contract: CB-14, SC-11
test("shortcoming 11, state and events are hidden: both are available, and a listener may throw", async (t) => {
  const lines = consoleLines(t, "error");
  const changes: CircuitStateChange[] = [];
  const breaker = await opened(t, {
    halfOpenAfter: 5,
    onStateChange: (change) => {
      changes.push(change);
      throw new Error("listener is broken");
    },
  });
  t.mock.timers.tick(5);
  await outcomes(breaker, undefined);
  assert.deepEqual(changes, [
    { previous: "closed", state: "open" },
    { previous: "open", state: "half-open" },
    { previous: "half-open", state: "closed" },
  ]);
  assert.equal(lines.length, 3);
  const named: CircuitStateChange[] = [];
  const own = createCircuitBreakerInterceptor({
    threshold: 1,
    perMethod: true,
    onStateChange: (change) => void named.push(change),
  });
  await outcomes(own, unavailable);
  assert.equal(named[0]?.method, EchoService.method.echo);
});

// contract: ORD-3, SC-8
test("shortcoming 8, timeouts never reach the breaker: they do, even if the call never ends", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 1 });
  const hanging: Next = () => new Promise<never>(() => {});
  const error = await rejection(run([createTimeoutInterceptor({ duration: 1 }), breaker], hanging, unaryRequest()));
  assert.equal((error as ConnectError).code, Code.DeadlineExceeded);
  await turn();
  assert.equal(breaker.state(), "open");
});

// contract: SC-3, COM-6
test("shortcoming 3, errors of streams bypass the breaker: a stream counts by how it ends", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 2, skipStreaming: false });
  const broken = async () => messagesOf(await run(breaker, failingStream(unavailable, 1), streamRequest()));
  assert.equal(await rejection(broken()), unavailable);
  assert.equal(breaker.state(), "closed");
  assert.equal(await rejection(broken()), unavailable);
  await turn();
  assert.equal(breaker.state(), "open");
  assert.ok(isOpen(await rejection(run(breaker, answering(), streamRequest()))));
});

test("a stream that ends, or whose reader stops early, is a success", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 2, skipStreaming: false });
  const fail = () => rejection(run(breaker, failing(unavailable), streamRequest()));
  await fail();
  assert.equal((await messagesOf(await run(breaker, answering(), streamRequest()))).length, 1);
  await fail();
  const response = await run(breaker, answering(), streamRequest());
  assert.ok(response.stream);
  for await (const _ of response.message) break;
  await fail();
  assert.equal(breaker.state(), "closed");
  await fail();
  assert.equal(breaker.state(), "open");
});

test("a streaming probe succeeds with its first message; a later failure counts as another one", async (t) => {
  const breaker = await opened(t, { halfOpenAfter: 5 });
  const streaming = createCircuitBreakerInterceptor({ threshold: 1, halfOpenAfter: 5, skipStreaming: false });
  await rejection(run(streaming, failing(unavailable), streamRequest()));
  t.mock.timers.tick(5);
  const response = await run(streaming, failingStream(unavailable, 1), streamRequest());
  assert.equal(streaming.state(), "half-open");
  assert.ok(response.stream);
  const iterator = response.message[Symbol.asyncIterator]();
  assert.deepEqual((await iterator.next()).value, create(EchoResponseSchema));
  await turn();
  assert.equal(streaming.state(), "closed");
  assert.equal(await rejection(iterator.next()), unavailable);
  await turn();
  assert.equal(streaming.state(), "open");
  assert.equal(breaker.state(), "open");
});

test("a stream that is aborted while nobody reads it counts by the reason", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 1, skipStreaming: false });
  const controller = new AbortController();
  await run(breaker, answering(), streamRequest([], { signal: controller.signal }));
  controller.abort(new ConnectError("took too long", Code.DeadlineExceeded));
  await turn();
  assert.equal(breaker.state(), "open");
});

// contract: COM-3
test("streaming calls are exempt, unless skipStreaming is false", async () => {
  const breaker = createCircuitBreakerInterceptor({ threshold: 1 });
  await rejection(run(breaker, failing(unavailable), streamRequest()));
  assert.equal(breaker.state(), "closed");
});

// contract: COM-5
test("a response passes as the same object, and so does the error of another breaker inside", async () => {
  const breaker = createCircuitBreakerInterceptor();
  const request = unaryRequest();
  const response = responseTo(request);
  assert.equal(await run(breaker, async () => response, request), response);
  const inner = new BrokenCircuitError();
  assert.deepEqual(await outcomes(breaker, inner), [inner]);
});
