// The timeout: its error, the signal that aborts, and what is left behind.
import assert from "node:assert/strict";
import { test } from "node:test";
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
import { createTimeoutInterceptor } from "./timeout.ts";

/** Never responds, and records its requests. */
function hanging(): Next & { requests: AnyRequest[] } {
  const requests: AnyRequest[] = [];
  return Object.assign(
    (request: AnyRequest) => {
      requests.push(request);
      return new Promise<never>(() => {});
    },
    { requests },
  );
}

// contract: TO-1, COM-2
test("a duration must be positive and finite", () => {
  for (const duration of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createTimeoutInterceptor({ duration }), {
      name: "Error",
      message: "duration must be a positive finite number",
      cause: duration,
    });
  }
  createTimeoutInterceptor({ duration: 0.5 });
});

// contract: TO-10, SC-8
test("shortcoming 8, a duration beyond the range of a timer fires at once: it is rejected", () => {
  assert.throws(() => createTimeoutInterceptor({ duration: 2 ** 31 }), {
    message: "duration must be at most 2147483647 ms, the longest a timer can wait, not 2147483648",
  });
  createTimeoutInterceptor({ duration: 2 ** 31 - 1 });
});

// contract: TO-2, COM-5
test("a call that ends in time passes unchanged", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  const interceptor = createTimeoutInterceptor();
  assert.equal(await run(interceptor, async () => response, request), response);
  const error = new Error("a");
  assert.equal(await rejection(run(interceptor, failing(error), request)), error);
  const throwing: Next = () => {
    throw error;
  };
  assert.equal(await rejection(run(interceptor, throwing, request)), error);
});

// contract: TO-3
test("a call that takes longer is deadline_exceeded, after 30 seconds by default", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [options, duration] of [
    [{}, 30_000],
    [{ duration: 50 }, 50],
  ] as const) {
    let settled = false;
    const call = rejection(run(createTimeoutInterceptor(options), hanging(), unaryRequest()));
    void call.then(() => {
      settled = true;
    });
    t.mock.timers.tick(duration - 1);
    await null;
    assert.equal(settled, false);
    t.mock.timers.tick(1);
    const error = await call;
    assert.ok(error instanceof ConnectError);
    assert.equal(error.message, `[deadline_exceeded] Request timeout after ${duration}ms`);
  }
});

// contract: TO-4, COM-7, SC-8
test("shortcoming 8, timeout does not cancel the work: the signal inside aborts with its error", async () => {
  for (const request of [unaryRequest(), requestOfServer()]) {
    const next = hanging();
    const call = rejection(run(createTimeoutInterceptor({ duration: 5 }), next, request));
    const signal = next.requests[0]?.signal;
    assert.equal(signal?.aborted, false);
    const error = await call;
    assert.deepEqual([signal?.aborted, signal?.reason], [true, error]);
    assert.equal(request.signal.aborted, false);
  }
});

// contract: TO-4
test("a signal that is read after the timeout has aborted", async () => {
  const next = hanging();
  const error = await rejection(run(createTimeoutInterceptor({ duration: 5 }), next, unaryRequest()));
  assert.equal(next.requests[0]?.signal.reason, error);
});

test("the signal inside follows that of the request, and nothing listens to it once the call has ended", async () => {
  const controller = new AbortController();
  const listeners = { added: 0, removed: 0 };
  for (const name of ["add", "remove"] as const) {
    const original = controller.signal[`${name}EventListener`].bind(controller.signal);
    controller.signal[`${name}EventListener`] = (...args: unknown[]) => {
      listeners[name === "add" ? "added" : "removed"] += 1;
      Reflect.apply(original, undefined, args);
    };
  }
  const request = unaryRequest({ signal: controller.signal });
  const looking: Next = async (inner) => {
    assert.equal(inner.signal.aborted, false);
    return responseTo(inner);
  };
  await run(createTimeoutInterceptor(), looking, request);
  assert.deepEqual(listeners, { added: 1, removed: 1 });
  const next = hanging();
  void run(createTimeoutInterceptor({ duration: 1000 }), next, request).catch(() => {});
  const signal = next.requests[0]?.signal;
  controller.abort("gone");
  assert.equal(signal?.reason, "gone");
  const late = hanging();
  void run(createTimeoutInterceptor({ duration: 1000 }), late, request).catch(() => {});
  assert.equal(late.requests[0]?.signal.reason, "gone");
});

for (const [what, settle] of [
  ["succeeded", (request: AnyRequest) => Promise.resolve(responseTo(request))],
  ["failed", () => Promise.reject(new Error("failed"))],
] as const) {
  test(`once a call has ${what} the signal inside aborts, and the request's own does not`, async () => {
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const looking: Next = (inner) => {
      signal = inner.signal;
      return settle(inner);
    };
    const request = unaryRequest({ signal: controller.signal });
    await run(createTimeoutInterceptor(), looking, request).catch(() => {});
    assert.equal(signal?.reason.name, "AbortError");
    assert.equal(controller.signal.aborted, false);
  });
}

// contract: TO-4
test("a late response or error is ignored", async () => {
  for (const late of [(request: AnyRequest) => responseTo(request), () => Promise.reject(new Error("late"))]) {
    let settle = () => {};
    const next: Next = (request) =>
      new Promise((resolve) => {
        settle = () => resolve(late(request) as Awaited<ReturnType<Next>>);
      });
    const error = await rejection(run(createTimeoutInterceptor({ duration: 1 }), next, unaryRequest()));
    assert.equal((error as ConnectError).code, Code.DeadlineExceeded);
    settle();
    // An unhandled rejection would fail the test.
    await new Promise((resolve) => setImmediate(resolve));
  }
});

// contract: TO-6
test("the deadline of the request stays in force: its headers are the same object", async () => {
  const header = new Headers({ "grpc-timeout": "1S" });
  let seen: AnyRequest | undefined;
  const next: Next = async (request) => {
    seen = request;
    return responseTo(request);
  };
  const request = unaryRequest({ headers: header });
  await run(createTimeoutInterceptor(), next, request);
  assert.equal(seen?.header, header);
  assert.deepEqual(Object.keys(seen ?? {}), Object.keys(request));
});

// contract: COM-3, TO-7
test("streaming calls are exempt; without skipStreaming the limit applies until the response headers arrive", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const request = streamRequest();
  let seen: AnyRequest | undefined;
  const next: Next = async (inner) => {
    seen = inner;
    return responseTo(inner);
  };
  await run(createTimeoutInterceptor({ duration: 5 }), next, request);
  assert.equal(seen, request);
  await run(createTimeoutInterceptor({ duration: 5, skipStreaming: false }), next, request);
  assert.notEqual(seen, request);
  t.mock.timers.tick(10);
  assert.equal(seen?.signal.aborted, false);
  const hung = rejection(run(createTimeoutInterceptor({ duration: 5, skipStreaming: false }), hanging(), request));
  t.mock.timers.tick(5);
  assert.equal(((await hung) as ConnectError).code, Code.DeadlineExceeded);
});

// contract: TO-8
test("an error of cockatiel from inside passes unchanged", async () => {
  const inner = Object.assign(new Error("Operation cancelled"), { isTaskCancelledError: true });
  assert.equal(await rejection(run(createTimeoutInterceptor(), failing(inner), unaryRequest())), inner);
});

// contract: TO-9
test("the timer is cleared when the call has ended", async (t) => {
  const clear = t.mock.method(globalThis, "clearTimeout");
  await run(createTimeoutInterceptor(), answering(), unaryRequest());
  await rejection(run(createTimeoutInterceptor(), failing(new Error("a")), unaryRequest()));
  assert.equal(clear.mock.callCount(), 2);
});

/** A request like those of a server, whose properties are not its own. */
function requestOfServer(): AnyRequest {
  class Request {}
  const request = unaryRequest();
  return new Proxy(Object.assign(new Request(), request), {});
}
