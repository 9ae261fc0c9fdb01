// The default chain: its members, their order, and how they work together.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import {
  answering,
  failing,
  messagesOf,
  type Next,
  rejection,
  responseTo,
  run,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { OrderSchema, OrderService } from "../../../__test__/validation/gen/connectum/validation/v1/orders_pb.js";
import { createDefaultInterceptors, type DefaultInterceptorOptions } from "./defaults.ts";

const off: DefaultInterceptorOptions = { errorHandler: false, validation: false };
const unavailable = new ConnectError("down", Code.Unavailable);
const notFound = new ConnectError("no such row", Code.NotFound);
const hanging: Next = () => new Promise<never>(() => {});
const badOrder = () => unaryRequest({ method: OrderService.method.place, message: create(OrderSchema) });
const codeOf = async (call: Promise<unknown>) => ((await rejection(call)) as ConnectError).code;

/** The interceptors of a chain, recognized by what they do to calls. */
async function rolesOf(chain: Interceptor[]): Promise<string[]> {
  const roles: string[] = [];
  for (const interceptor of chain) roles.push(await roleOf(interceptor));
  return roles;
}

async function roleOf(interceptor: Interceptor): Promise<string> {
  if ("usage" in interceptor) return "bulkhead";
  if ("state" in interceptor) return "circuitBreaker";
  if ((await codeOf(run(interceptor, answering(), badOrder())).catch(() => 0)) === Code.InvalidArgument)
    return "validation";
  if ((await rejection(run(interceptor, failing(new Error("a")), unaryRequest())).catch(() => null)) === null)
    return "fallback";
  const next = failing(unavailable);
  await rejection(run(interceptor, next, unaryRequest())).catch(() => {});
  if (next.mock.callCount() > 1) return "retry";
  const thrown = await rejection(run(interceptor, failing(new Error("a")), unaryRequest()));
  if (thrown instanceof ConnectError) return "errorHandler";
  const request = unaryRequest();
  let isSame = false;
  await run(
    interceptor,
    async (seen) => {
      isSame = seen === request;
      return responseTo(seen);
    },
    request,
  );
  return isSame ? "serializer" : "timeout";
}

const all: DefaultInterceptorOptions = {
  // Not in the order of the chain.
  serializer: true,
  retry: { initialDelay: 0 },
  circuitBreaker: true,
  validation: true,
  bulkhead: true,
  timeout: true,
  fallback: { handler: () => ({ text: "fallback" }) },
  errorHandler: { logErrors: false },
};

// contract: DEF-1, DEF-2, SEED-1
test("without options: error handler and validation, new instances each time", async (t) => {
  consoleLines(t, "error");
  for (const chain of [createDefaultInterceptors(), createDefaultInterceptors({})]) {
    assert.deepEqual(await rolesOf(chain), ["errorHandler", "validation"]);
  }
  const [one, other] = [createDefaultInterceptors(), createDefaultInterceptors()];
  assert.notEqual(one, other);
  for (const [index, interceptor] of one.entries()) assert.notEqual(interceptor, other[index]);
  assert.deepEqual([...one].length, 2);
});

// contract: DEF-2, DEF-3, DEF-8
test("eight interceptors at most, in the order of the chain, not of the options; none if all are off", async () => {
  const order = [
    "errorHandler",
    "fallback",
    "timeout",
    "bulkhead",
    "circuitBreaker",
    "retry",
    "validation",
    "serializer",
  ];
  assert.deepEqual(await rolesOf(createDefaultInterceptors(all)), order);
  const none = Object.fromEntries(Object.keys(all).map((key) => [key, false]));
  assert.deepEqual(createDefaultInterceptors(none), []);
});

// contract: SEED-2
test("the interceptors that early releases had on, by `true`", async () => {
  const chain = createDefaultInterceptors({
    errorHandler: { logErrors: false },
    timeout: true,
    bulkhead: true,
    circuitBreaker: { failurePredicate: () => true },
    retry: true,
    serializer: true,
  });
  assert.equal(chain.length, 7);
  for (let call = 0; call < 5; call++)
    assert.equal(await codeOf(run(chain, failing(notFound), unaryRequest())), Code.NotFound);
  assert.equal(await codeOf(run(chain, failing(notFound), unaryRequest())), Code.Unavailable);
});

// contract: DEF-4, SC-15
test("shortcoming 15, fallback: true is ignored silently: it adds nothing, with a warning", (t) => {
  const lines = consoleLines(t, "warn");
  assert.equal(createDefaultInterceptors({ ...off, fallback: true }).length, 0);
  assert.deepEqual(lines, [["createDefaultInterceptors: fallback: true adds nothing. Use { handler }."]]);
});

// contract: DEF-5
test("null: the error handler is on with its defaults, opt-in interceptors are off", async (t) => {
  consoleLines(t, "error");
  const nothing = Object.fromEntries(
    Object.keys(all).map((key) => [key, null]),
  ) as unknown as DefaultInterceptorOptions;
  assert.deepEqual(await rolesOf(createDefaultInterceptors(nothing)), ["errorHandler", "validation"]);
});

// contract: DEF-5
test("options of opt-in interceptors that are neither booleans nor objects are rejected", () => {
  for (const name of ["fallback", "timeout", "bulkhead", "circuitBreaker", "retry", "serializer"]) {
    assert.throws(() => createDefaultInterceptors({ [name]: 5000 }), {
      name: "TypeError",
      message: `createDefaultInterceptors: ${name} must be a boolean or an object of options, not 5000`,
    });
    assert.equal(createDefaultInterceptors({ [name]: undefined }).length, 2);
  }
});

// contract: DEF-6
test("only false turns validation off", () => {
  for (const validation of [true, undefined, null]) {
    const options = { errorHandler: false, validation } as unknown as DefaultInterceptorOptions;
    assert.equal(createDefaultInterceptors(options).length, 1);
  }
});

for (const [options, message] of [
  [{ timeout: { duration: 0 } }, "duration must be a positive finite number"],
  [{ bulkhead: { capacity: 0 } }, "capacity must be a positive finite number"],
  [{ circuitBreaker: { threshold: 0 } }, "threshold must be a positive finite number"],
  [{ retry: { maxRetries: -1 } }, "maxRetries must be a non-negative finite number"],
  [{ fallback: {} as never }, "handler must be a function"],
] as [DefaultInterceptorOptions, string][]) {
  // contract: DEF-7
  test(`${JSON.stringify(options)} is rejected as by the factory: ${message}`, () => {
    assert.throws(() => createDefaultInterceptors(options), { name: "Error", message });
  });
}

// contract: DEF-9, LOG-9
test("the options have neither a logger nor a method filter", () => {
  for (const name of ["logger", "methodFilter"]) {
    assert.throws(() => createDefaultInterceptors({ ...off, [name]: {} }), {
      name: "TypeError",
      message: new RegExp(`^createDefaultInterceptors: there is no option "${name}"\\. It can be "errorHandler", `),
    });
  }
});

// contract: ORD-1
test("retries run inside the breaker: a call counts once", async () => {
  const chain = createDefaultInterceptors({ ...off, circuitBreaker: { threshold: 2 }, retry: { initialDelay: 0 } });
  const next = failing(unavailable);
  await rejection(run(chain, next, unaryRequest()));
  assert.equal(next.mock.callCount(), 4);
  await rejection(run(chain, next, unaryRequest()));
  assert.equal(await codeOf(run(chain, next, unaryRequest())), Code.Unavailable);
  assert.equal(next.mock.callCount(), 8);
});

/** A clock that the test advances. */
function clock(t: TestContext): (ms: number) => Promise<void> {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return async (ms) => {
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
}

// contract: ORD-2
test("the timeout covers everything: waiting, attempts, and the delays between them", async (t) => {
  const tick = clock(t);
  t.mock.method(Math, "random", () => 0.5);
  const waiting = createDefaultInterceptors({ ...off, timeout: { duration: 100 }, bulkhead: { capacity: 1 } });
  const calls = [1, 2].map(() => codeOf(run(waiting, hanging, unaryRequest())));
  await tick(100);
  assert.deepEqual(await Promise.all(calls), [Code.DeadlineExceeded, Code.DeadlineExceeded]);
  const retrying = createDefaultInterceptors({ ...off, timeout: { duration: 100 }, retry: { initialDelay: 1_000 } });
  const next = failing(unavailable);
  const call = codeOf(run(retrying, next, unaryRequest()));
  await tick(0);
  await tick(100);
  assert.equal(await call, Code.DeadlineExceeded);
  await tick(10_000);
  assert.equal(next.mock.callCount(), 1);
});

// contract: ORD-3, SC-8
test("shortcoming 8, the timeout of a chain never reaches its breaker: it does", async (t) => {
  const tick = clock(t);
  const chain = createDefaultInterceptors({ ...off, timeout: { duration: 5 }, circuitBreaker: { threshold: 1 } });
  const call = codeOf(run(chain, hanging, unaryRequest()));
  await tick(5);
  assert.equal(await call, Code.DeadlineExceeded);
  assert.equal(await codeOf(run(chain, answering(), unaryRequest())), Code.Unavailable);
});

// contract: ORD-4
test("rejections of the bulkhead and the breaker are not retried", async () => {
  const retry = { initialDelay: 0 };
  const full = createDefaultInterceptors({ ...off, bulkhead: { capacity: 1, queueSize: 0 }, retry });
  void run(full, hanging, unaryRequest()).catch(() => {});
  const next = answering();
  assert.equal(await codeOf(run(full, next, unaryRequest())), Code.ResourceExhausted);
  const open = createDefaultInterceptors({ ...off, circuitBreaker: { threshold: 1 }, retry });
  await rejection(run(open, failing(unavailable), unaryRequest()));
  assert.equal(await codeOf(run(open, next, unaryRequest())), Code.Unavailable);
  assert.equal(next.mock.callCount(), 0);
});

// contract: ORD-5, SC-6
test("shortcoming 6, a fallback disables retry and breaker: it is outside them, and replaces their rejections, too", async () => {
  const seen: unknown[] = [];
  const chain = createDefaultInterceptors({
    ...off,
    circuitBreaker: { threshold: 1 },
    retry: { initialDelay: 0 },
    fallback: {
      handler: (error) => {
        seen.push((error as ConnectError).rawMessage);
        return { text: "fallback" };
      },
    },
  });
  const next = failing(unavailable);
  for (let call = 0; call < 2; call++) {
    const [message] = await messagesOf(await run(chain, next, unaryRequest()));
    assert.equal(Reflect.get(Object(message), "text"), "fallback");
  }
  assert.equal(next.mock.callCount(), 4);
  assert.deepEqual(seen, ["down", "Circuit breaker is open (1 consecutive failures)"]);
});

// contract: ORD-6, SC-6
test("shortcoming 6, a fallback hides validation failures and errors meant for the client: it hides neither", async () => {
  const chain = createDefaultInterceptors({ ...all, errorHandler: false });
  assert.equal(await codeOf(run(chain, answering(), badOrder())), Code.InvalidArgument);
  assert.equal(await rejection(run(chain, failing(notFound), unaryRequest())), notFound);
});

// contract: ORD-7
test("validation runs inside retry: each attempt is validated", async () => {
  const chain = createDefaultInterceptors({ errorHandler: false, retry: { initialDelay: 0 } });
  assert.equal(chain.length, 2);
  const order = create(OrderSchema, { email: "a@example.com", quantity: 1 });
  const request = unaryRequest({ method: OrderService.method.place, message: order });
  const next: Next = async () => {
    order.quantity = 0;
    throw unavailable;
  };
  assert.equal(await codeOf(run(chain, next, request)), Code.InvalidArgument);
});

// contract: ORD-8
test("other interceptors may stand between the error handler and the rest", async () => {
  const deny: Interceptor = () => async () => {
    throw new Error("who are you");
  };
  const [errorHandler] = createDefaultInterceptors({ errorHandler: { logErrors: false }, validation: false });
  const rest = createDefaultInterceptors({ errorHandler: false });
  const error = await rejection(run([errorHandler ?? assert.fail(), deny, ...rest], answering(), badOrder()));
  assert.equal(String(error), "ConnectError: [internal] internal error");
});

// contract: ORD-9
test("a chain for clients: the interceptors for servers can be off", async () => {
  const chain = createDefaultInterceptors({
    circuitBreaker: true,
    timeout: true,
    retry: true,
    bulkhead: false,
    errorHandler: false,
    serializer: false,
    validation: false,
  });
  assert.deepEqual(await rolesOf(chain), ["timeout", "circuitBreaker", "retry"]);
});
