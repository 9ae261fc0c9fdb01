// traced() and traceAll(): spans around functions, which stay as they were.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { parameterNames } from "./recorded-arguments.ts";
import { traceAll } from "./trace-all.ts";
import { traced } from "./traced.ts";

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
beforeEach(() => exporter.reset());

const spans = () => exporter.getFinishedSpans();
const args = () => spans().map(({ attributes }) => attributes["function.args"]);

// contract: OT-TRC-1, OT-TRC-2, OT-TRC-3
test("calls are active spans; results and errors, at once and later, pass unchanged", async () => {
  const active = traced(function named() {
    return trace.getActiveSpan()?.spanContext().spanId;
  });
  assert.equal(active(), spans()[0]?.spanContext().spanId);
  const later = traced(async (fails: boolean) => {
    if (fails) throw error;
    return 5;
  });
  const error = new Error("broken");
  const result = later(false);
  assert.equal(spans().length, 1);
  assert.equal(await result, 5);
  await assert.rejects(later(true), error);
  assert.throws(
    traced(() => {
      throw error;
    }),
    error,
  );
  assert.deepEqual(
    spans().map(({ name, status, events }) => [name, status.code, events.length]),
    [
      ["named", SpanStatusCode.OK, 0],
      ["anonymous", SpanStatusCode.OK, 0],
      ["anonymous", SpanStatusCode.ERROR, 1],
      ["anonymous", SpanStatusCode.ERROR, 1],
    ],
  );
  assert.equal(spans()[2]?.status.message, "broken");
});

// contract: OT-TRC-4, OT-TRC-5, OT-SC-16
test("arguments are recorded if asked for: all, or by name or position, then filtered", () => {
  const fn = (user: string, password: string, ...rest: number[]) => `${user}${password}${rest}`;
  for (const recordArgs of [false, true, [], ["user"], ["1"], ["user", "2"]]) traced(fn, { recordArgs })("a", "b", 3);
  traced(fn, { recordArgs: true, argsFilter: (given) => given.map(() => "*") })("a", "b", 3);
  assert.deepEqual(args(), [undefined, '["a","b",3]', "[]", '["a"]', '["b"]', '["a",3]', '["*","*","*"]']);
});

// contract: OT-TRC-3
test("an exception has the class of the error, not its code", () => {
  const fn = traced(() => {
    throw Object.assign(new RangeError("far"), { code: 5 });
  });
  assert.throws(fn, RangeError);
  const { "exception.type": type, "exception.message": message } = spans()[0]?.events[0]?.attributes ?? {};
  assert.deepEqual([type, message], ["RangeError", "far"]);
});

// contract: OT-TRC-6
test("arguments that cannot be recorded are an event, and the function is called all the same", () => {
  const fn = traced((given: unknown) => typeof given, { recordArgs: true });
  assert.equal(fn(1n), "bigint");
  const throwing = traced((given: number) => given, {
    recordArgs: true,
    argsFilter: () => {
      throw new Error("filter");
    },
  });
  assert.equal(throwing(1), 1);
  assert.deepEqual(
    spans().map(({ events, status }) => [events[0]?.name, status.code]),
    [
      ["exception", SpanStatusCode.OK],
      ["exception", SpanStatusCode.OK],
    ],
  );
});

// contract: OT-TRC-7
test("this, the name, the length and the attributes", () => {
  const fn = traced(
    function (this: number, other: number) {
      return this + other;
    },
    { name: "add", attributes: { kind: "sum" } },
  );
  assert.deepEqual([fn.call(1, 2), fn.name, fn.length], [3, "add", 1]);
  assert.deepEqual([spans()[0]?.name, spans()[0]?.attributes], ["add", { kind: "sum" }]);
});

// contract: OT-wraps-once
test("a function that is traced already is not traced again", () => {
  const fn = traced(() => 1);
  assert.equal(traced(fn, { name: "other" }), fn);
  const proxy = traceAll({ fn });
  assert.equal(proxy.fn, fn);
});

class Orders {
  #count = 0;
  readonly limit = 5;
  add(by: number): number {
    this.#count += by;
    return this.twice();
  }
  twice(): number {
    return this.#count * 2;
  }
}

// contract: OT-TRA-1, OT-TRA-2, OT-TRA-3, OT-TRA-6, OT-TRA-8
test("a proxy traces methods, whose own calls of each other are no spans", () => {
  const orders = new Orders();
  const proxy = traceAll(orders, { recordArgs: ["by"] });
  assert.deepEqual([proxy.add(2), proxy.limit, proxy.constructor], [4, 5, Orders]);
  assert.deepEqual(
    spans().map(({ name, attributes }) => [name, attributes]),
    [["Orders.add", { "function.args": "[2]" }]],
  );
  assert.equal(orders.twice(), 4);
  assert.equal(spans().length, 1);
  traceAll({ run: () => 1 }).run();
  assert.equal(spans()[1]?.name, "Object.run");
});

// contract: OT-TRA-4
test("include and exclude choose methods, and exclude wins", () => {
  const target = { a: () => 1, b: () => 2, c: () => 3 };
  const proxy = traceAll(target, { prefix: "p", include: ["a", "b"], exclude: ["b"] });
  proxy.a();
  proxy.b();
  proxy.c();
  assert.deepEqual(
    spans().map(({ name }) => name),
    ["p.a"],
  );
});

// contract: OT-TRA-7, OT-wraps-once
test("a method of a proxy is not wrapped again, by either function", () => {
  const { run } = traceAll({ run: () => 1 }, { prefix: "first" });
  assert.equal(traced(run, { name: "again" }), run);
  assert.equal(traceAll({ run }, { prefix: "second" }).run(), 1);
  assert.deepEqual(
    spans().map(({ name }) => name),
    ["first.run"],
  );
});

// contract: OT-wraps-once, OT-TRA-7
test("a method has one wrapper, and a proxy is not wrapped again; a method that is replaced has a new one", () => {
  const target = { run: () => 1 };
  const proxy = traceAll(target);
  assert.equal(proxy.run, proxy.run);
  assert.equal(traceAll(proxy, { prefix: "other" }), proxy);
  assert.notEqual(traceAll(target), proxy);
  target.run = () => 2;
  assert.equal(proxy.run(), 2);
});

// contract: OT-TRA-9
test("methods of frozen objects are an error when they are read, unless they are excluded", () => {
  const frozen = Object.freeze({ run: () => 1 });
  assert.throws(() => traceAll(frozen).run(), TypeError);
  assert.equal(traceAll(frozen, { exclude: ["run"] }).run(), 1);
});

const sources: [string, object, string[]][] = [
  [
    "a function",
    function f(a: number, b = 2) {
      return a + b;
    },
    ["a", "b"],
  ],
  ["an arrow function", (a: number) => a, ["a"]],
  [
    "an async method",
    {
      async m(a: number, b: number) {
        return a + b;
      },
    }.m,
    ["a", "b"],
  ],
  ["a pattern, and what follows it", ({ a }: { a: number }, b: number) => a + b, []],
  ["a function of the runtime", Math.max, []],
];

for (const [what, fn, expected] of sources) {
  test(`the names of parameters: ${what}`, () => assert.deepEqual(parameterNames(fn), expected));
}

for (const [use, message] of [
  [() => traced(5 as never), /traced: fn must be a function, not 5/],
  [() => traced(() => {}, { nam: "a" } as never), /traced: there is no option "nam". Did you mean "name"\?/],
  [
    () => traced(() => {}, { recordArgs: "a" } as never),
    /traced: recordArgs must be true, false or an array of strings/,
  ],
  [() => traceAll("a" as never), /traceAll: target must be an object, not "a"/],
  [() => traceAll({}, { include: "a" } as never), /traceAll: include must be an array, not "a"/],
] as const) {
  test(`a wrong use is an error: ${message}`, () => assert.throws(use, message));
}
