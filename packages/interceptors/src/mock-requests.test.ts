// Every interceptor on requests as tests make them: those of test-fixtures, and those made by hand, without a signal,
// their method without input and output.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  createMockFn,
  createMockNext,
  createMockNextError,
  createMockRequest,
  createMockStream,
  type MockFn,
} from "@connectum/test-fixtures";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import { createBulkheadInterceptor } from "./bulkhead.ts";
import type { AnyRequest, Next } from "./calls/chain.ts";
import { createCircuitBreakerInterceptor } from "./circuit-breaker.ts";
import { createDefaultInterceptors } from "./defaults.ts";
import { createErrorHandlerInterceptor } from "./error-handler.ts";
import { createFallbackInterceptor } from "./fallback.ts";
import { createLoggerInterceptor } from "./logger.ts";
import { createMethodFilterInterceptor } from "./method-filter.ts";
import { createRetryInterceptor } from "./retry.ts";
import { createSerializerInterceptor } from "./serializer.ts";
import { createTimeoutInterceptor } from "./timeout.ts";
import { createValidation } from "./validation/validation.ts";

/** How a test makes a request, and a function in place of the handler. */
interface Maker {
  readonly name: string;
  request(message: unknown, stream?: boolean): AnyRequest;
  next(message: unknown, stream?: boolean): MockFn<Next>;
}

const byHand: Maker = {
  name: "by hand",
  request(message, stream = false) {
    const request = {
      service: { typeName: "test.TestService" },
      method: { name: "TestMethod" },
      header: new Headers(),
      url: "http://localhost/test.TestService/TestMethod",
      stream,
      message,
    };
    return request as unknown as UnaryRequest;
  },
  next(message, stream = false) {
    return createMockFn<Next>(async () => ({ stream, message }) as unknown as UnaryResponse);
  },
};
const fixtures: Maker = {
  name: "test-fixtures",
  request: (message, stream) => createMockRequest({ message, stream }),
  next: (message, stream) => createMockNext({ message, stream }),
};
const ada = { name: "Ada" };

/** Reads a stream to its end. */
async function messagesOf(stream: unknown): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of stream as AsyncIterable<unknown>) messages.push(message);
  return messages;
}

const run = (interceptors: readonly Interceptor[], next: Next, request: AnyRequest) =>
  interceptors.reduceRight<Next>((inner, interceptor) => interceptor(inner), next)(request);

const silent = { logErrors: false };
const streaming = { skipStreaming: false };
const nowhere = () => {};
const structured = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere };
const fallback = { ...streaming, handler: () => ({ result: "cached" }) };
const retry = { ...streaming, maxRetries: 2, initialDelay: 1 };
const passing: Interceptor = (next) => (request) => next(request);

/** How often a failing call reaches the handler, and whether the caller gets a response in its place. */
interface Expected {
  readonly calls: number;
  readonly isReplaced: boolean;
}

const plain: Expected = { calls: 1, isReplaced: false };

const cases: [string, () => Interceptor[], Expected][] = [
  ["the error handler", () => [createErrorHandlerInterceptor(silent)], plain],
  ["the timeout", () => [createTimeoutInterceptor(streaming)], plain],
  ["the bulkhead", () => [createBulkheadInterceptor(streaming)], plain],
  ["a bulkhead for each method", () => [createBulkheadInterceptor({ ...streaming, perMethod: true })], plain],
  ["the circuit breaker", () => [createCircuitBreakerInterceptor(streaming)], plain],
  [
    "a circuit for each method",
    () => [createCircuitBreakerInterceptor({ ...streaming, perMethod: true, onStateChange: nowhere })],
    plain,
  ],
  ["retry", () => [createRetryInterceptor(retry)], { calls: 3, isReplaced: false }],
  ["retry without delay", () => [createRetryInterceptor({ ...retry, initialDelay: 0 })], { ...plain, calls: 3 }],
  ["retry of idempotent methods", () => [createRetryInterceptor({ ...retry, idempotentOnly: true })], plain],
  ["the fallback", () => [createFallbackInterceptor(fallback)], { calls: 1, isReplaced: true }],
  ["the logger, to a function", () => [createLoggerInterceptor({ logger: nowhere })], plain],
  ["the logger, to a structured logger", () => [createLoggerInterceptor({ logger: structured })], plain],
  ["the serializer", () => [createSerializerInterceptor()], plain],
  ["validation", () => [createValidation()], plain],
  [
    "the method filter",
    () => [
      createMethodFilterInterceptor({
        "*": [passing],
        "test.TestService/*": [passing],
        "test.TestService/TestMethod": [createRetryInterceptor(retry)],
      }),
    ],
    { calls: 3, isReplaced: false },
  ],
  ["the default chain", () => createDefaultInterceptors({ errorHandler: silent }), plain],
  [
    "all of the chain",
    () =>
      createDefaultInterceptors({
        errorHandler: silent,
        fallback,
        timeout: streaming,
        bulkhead: streaming,
        circuitBreaker: streaming,
        retry,
        serializer: true,
      }),
    { calls: 3, isReplaced: true },
  ],
];

for (const make of [byHand, fixtures]) {
  for (const [what, interceptorsOf, { calls, isReplaced }] of cases) {
    test(`${what}, ${make.name}: a unary call succeeds`, async (t) => {
      const complaints = consoleLines(t, "error");
      const message = { result: "success" };
      const next = make.next(message);
      const response = await run(interceptorsOf(), next, make.request(ada));
      assert.equal(response.message, message);
      assert.deepEqual([next.mock.callCount(), complaints], [1, []]);
    });

    test(`${what}, ${make.name}: a unary call fails`, async (t) => {
      const complaints = consoleLines(t, "error");
      const next = createMockNextError(Code.Unavailable);
      const call = run(interceptorsOf(), next, make.request(ada));
      if (isReplaced) assert.deepEqual((await call).message, { result: "cached" });
      else await assert.rejects(call, { code: Code.Unavailable, rawMessage: "Mock error" });
      assert.deepEqual([next.mock.callCount(), complaints], [calls, []]);
    });

    test(`${what}, ${make.name}: a call with streams succeeds`, async (t) => {
      const complaints = consoleLines(t, "error");
      const seen: unknown[] = [];
      const next: Next = async (request) => {
        seen.push(...(await messagesOf(request.message)));
        return make.next(createMockStream([{ result: 1 }, { result: 2 }]), true)(request);
      };
      const request = make.request(createMockStream([ada, { name: "Bob" }]), true);
      const response = await run(interceptorsOf(), next, request);
      assert.deepEqual(await messagesOf(response.message), [{ result: 1 }, { result: 2 }]);
      assert.deepEqual([seen, complaints], [[ada, { name: "Bob" }], []]);
    });

    test(`${what}, ${make.name}: a call with streams fails`, async (t) => {
      const complaints = consoleLines(t, "error");
      const next = createMockNextError(Code.Unavailable);
      const call = run(interceptorsOf(), next, make.request(createMockStream([]), true));
      if (isReplaced) assert.deepEqual(await messagesOf((await call).message), [{ result: "cached" }]);
      else await assert.rejects(call, { code: Code.Unavailable, rawMessage: "Mock error" });
      assert.deepEqual([next.mock.callCount(), complaints], [calls, []]);
    });

    test(`${what}, ${make.name}: a stream fails after its first message`, async (t) => {
      const complaints = consoleLines(t, "error");
      async function* messages() {
        yield { result: 1 };
        throw new ConnectError("Mock error", Code.DataLoss);
      }
      const next = make.next(messages(), true);
      const response = await run(interceptorsOf(), next, make.request(createMockStream([]), true));
      const received: unknown[] = [];
      const read = async () => {
        for await (const message of response.message as AsyncIterable<unknown>) received.push(message);
      };
      await assert.rejects(read, { code: Code.DataLoss, rawMessage: "Mock error" });
      assert.deepEqual([received, complaints], [[{ result: 1 }], []]);
    });
  }
}

test("the logger writes its lines, with the messages as they are", async () => {
  const lines: unknown[][] = [];
  const logger = (text: string, ...rest: unknown[]) => void lines.push([text.replace(/[\d.]+ms$/, "?ms"), ...rest]);
  const interceptor = createLoggerInterceptor({ logger });
  await run([interceptor], byHand.next({ result: 1 }), byHand.request(ada));
  const response = await run(
    [interceptor],
    byHand.next(createMockStream([{ result: 2 }]), true),
    byHand.request(createMockStream([]), true),
  );
  await messagesOf(response.message);
  assert.deepEqual(lines, [
    ["RPC /test.TestService/TestMethod request", { name: "Ada" }],
    ["RPC /test.TestService/TestMethod response", { result: 1 }],
    ["RPC /test.TestService/TestMethod completed in ?ms"],
    ["STREAM /test.TestService/TestMethod response", { result: 2 }],
    ["RPC /test.TestService/TestMethod completed in ?ms"],
  ]);
});

test("a structured logger gets the messages as they are", async () => {
  const fields: unknown[] = [];
  const note = (one: object) => void fields.push(one);
  const logger = { debug: note, info: note, warn: note, error: note };
  await run([createLoggerInterceptor({ logger })], byHand.next({ result: 1 }), byHand.request(ada));
  const rpc = "/test.TestService/TestMethod";
  assert.deepEqual(fields.slice(0, 2), [
    { rpc, request: { name: "Ada" } },
    { rpc, response: { result: 1 } },
  ]);
});

test("fields of a mock descriptor, which have no parent, are logged", async () => {
  const lines: unknown[][] = [];
  const logger = (text: string, ...rest: unknown[]) => void lines.push([text, ...rest]);
  const request = byHand.request(ada);
  const field = { kind: "field", fieldKind: "scalar", name: "name", localName: "name", parent: undefined, proto: {} };
  Object.assign(request.method, { input: { kind: "message", typeName: "test.Request", fields: [field] } });
  await run([createLoggerInterceptor({ logger })], byHand.next({ result: 1 }), request);
  assert.deepEqual(lines[0], ["RPC /test.TestService/TestMethod request", { name: "Ada" }]);
  assert.equal(lines.length, 3);
});

test("a bulkhead that is full rejects, and a call that waits gets its turn", async () => {
  const rejected: unknown[] = [];
  const bulkhead = createBulkheadInterceptor({
    capacity: 1,
    queueSize: 1,
    onReject: ({ method }) => void rejected.push(method.name),
  });
  let end = () => {};
  const held: Next = (request) =>
    new Promise((resolve) => {
      end = () => resolve(byHand.next({ result: 1 })(request));
    });
  const first = run([bulkhead], held, byHand.request(ada));
  const second = run([bulkhead], byHand.next({ result: 2 }), byHand.request(ada));
  await assert.rejects(run([bulkhead], held, byHand.request(ada)), { code: Code.ResourceExhausted });
  end();
  assert.deepEqual([(await first).message, (await second).message], [{ result: 1 }, { result: 2 }]);
  assert.deepEqual(rejected, ["TestMethod"]);
});

test("a circuit opens, rejects, and closes after a probe", async () => {
  const states: string[] = [];
  const breaker = createCircuitBreakerInterceptor({
    threshold: 2,
    halfOpenAfter: 0,
    onStateChange: ({ state }) => void states.push(state),
  });
  const down = createMockNextError(Code.Unavailable);
  for (let call = 0; call < 2; call += 1) await assert.rejects(run([breaker], down, byHand.request(ada)));
  await run([breaker], byHand.next({}), byHand.request(ada));
  assert.deepEqual(states, ["open", "half-open", "closed"]);
});

test("a timeout ends the call, and the signal that the handler sees aborts", async () => {
  const reasons: unknown[] = [];
  const next: Next = (request) =>
    new Promise(() => request.signal.addEventListener("abort", () => reasons.push(request.signal.reason)));
  const call = run([createTimeoutInterceptor({ duration: 1 })], next, byHand.request(ada));
  await assert.rejects(call, (error: unknown) => {
    assert.deepEqual(reasons, [error]);
    return error instanceof ConnectError && error.code === Code.DeadlineExceeded;
  });
});

for (const value of [{ result: 1 }, "text", 5, null, undefined]) {
  test(`a fallback's ${JSON.stringify(value)} is the message: there is no type, or one without fields`, async () => {
    const interceptor = createFallbackInterceptor({ handler: () => value });
    for (const make of [byHand, fixtures]) {
      const { message } = await run([interceptor], createMockNextError(Code.Internal), make.request(ada));
      assert.equal(message as unknown, value, make.name);
    }
  });
}
