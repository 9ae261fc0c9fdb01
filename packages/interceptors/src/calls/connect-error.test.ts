// Thrown values without a text, and interceptors that meet them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { rejection, run, unaryRequest } from "../../../../__test__/support/interceptor-calls.ts";
import { createBulkheadInterceptor } from "../bulkhead.ts";
import { createCircuitBreakerInterceptor } from "../circuit-breaker.ts";
import { createRetryInterceptor } from "../retry.ts";
import { createTimeoutInterceptor } from "../timeout.ts";
import { connectErrorOf } from "./connect-error.ts";

const textless: object = Object.create(null);

test("it converts as ConnectError.from does", () => {
  const error = new ConnectError("a", Code.NotFound);
  assert.equal(connectErrorOf(error), error);
  assert.equal(connectErrorOf(new Error("a")).message, "[unknown] a");
});

test("a value without a text is unknown", () => {
  const error = connectErrorOf(textless);
  assert.deepEqual([error.code, error.cause], [Code.Unknown, textless]);
});

for (const [name, interceptors] of Object.entries({
  bulkhead: [createBulkheadInterceptor()],
  circuitBreaker: [createCircuitBreakerInterceptor()],
  "bulkhead within a timeout": [createTimeoutInterceptor(), createBulkheadInterceptor()],
})) {
  test(`${name}: a call that is aborted with a reason without a text ends`, async () => {
    const controller = new AbortController();
    const request = unaryRequest({ signal: controller.signal });
    const ended = rejection(run(interceptors, () => new Promise(() => {}), request));
    controller.abort(textless);
    assert.equal(((await ended) as ConnectError).cause, textless);
  });
}

test("an error without a text is not retried, and passes unchanged", async () => {
  const thrown = await rejection(run(createRetryInterceptor(), () => Promise.reject(textless), unaryRequest()));
  assert.equal(thrown, textless);
});
