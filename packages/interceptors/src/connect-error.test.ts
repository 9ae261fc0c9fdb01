import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { rejection, run, unaryRequest } from "../../../__test__/support/interceptor-calls.ts";
import { createBulkheadInterceptor } from "./bulkhead.ts";
import { createCircuitBreakerInterceptor } from "./circuit-breaker.ts";
import { connectErrorOf } from "./connect-error.ts";
import { createRetryInterceptor } from "./retry.ts";
import { createTimeoutInterceptor } from "./timeout.ts";

const textless: object = Object.create(null);

test("what connect can make an error of is that", () => {
  const error = new ConnectError("a", Code.NotFound);
  assert.equal(connectErrorOf(error), error);
  assert.equal(connectErrorOf(new Error("a")).message, "[unknown] a");
});

test("what has no text is unknown", () => {
  const error = connectErrorOf(textless);
  assert.deepEqual([error.code, error.cause], [Code.Unknown, textless]);
});

for (const [name, interceptors] of Object.entries({
  bulkhead: [createBulkheadInterceptor()],
  circuitBreaker: [createCircuitBreakerInterceptor()],
  "bulkhead within a timeout": [createTimeoutInterceptor(), createBulkheadInterceptor()],
})) {
  test(`${name}: a call that is aborted with a reason that has no text ends`, async () => {
    const controller = new AbortController();
    const request = unaryRequest({ signal: controller.signal });
    const ended = rejection(run(interceptors, () => new Promise(() => {}), request));
    controller.abort(textless);
    assert.equal(((await ended) as ConnectError).cause, textless);
  });
}

test("an error that has no text is not retried, and passes as it is", async () => {
  const thrown = await rejection(run(createRetryInterceptor(), () => Promise.reject(textless), unaryRequest()));
  assert.equal(thrown, textless);
});
