// Functions in place of a handler. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, isMessage, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  createMockDescMessage,
  createMockDescMethod,
  createMockNext,
  createMockNextError,
  createMockNextSlow,
  createMockRequest,
  createMockStream,
  type MockNext,
  type MockNextOptions,
} from "@connectum/test-fixtures";

const makers: [string, (options?: MockNextOptions) => MockNext][] = [
  ["createMockNext", createMockNext],
  ["createMockNextSlow", (options) => createMockNextSlow(1, options)],
];

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("it did not reject"),
    (error) => error,
  );
}

for (const [name, make] of [...makers, ["createMockNextError", () => createMockNextError(Code.Internal)] as const]) {
  // contract: NXT-1
  test(`${name} returns a spy over an async function`, async () => {
    const next = make();
    const request = createMockRequest();
    const answer = next(request);
    assert.ok(answer instanceof Promise);
    await answer.catch(() => {});
    assert.equal(next.mock.callCount(), 1);
    assert.equal(next.mock.calls[0]?.arguments[0], request);
  });
}

for (const [name, make] of makers) {
  // contract: NXT-2, NXT-3
  test(`${name}: the response has the given message itself`, async () => {
    const message = { name: "Ada" };
    const response = await make({ message })(createMockRequest());
    assert.deepEqual([response.stream, response.message === message], [false, true]);
  });

  // contract: NXT-2
  test(`${name}: the default message is { result: "success" }, a message of the output, new for each response`, async () => {
    const next = make();
    const request = createMockRequest();
    const [one, other] = [await next(request), await next(request)];
    assert.notEqual(one.message, other.message);
    assert.ok(isMessage(one.message, one.method.output));
    assert.equal(toBinary(one.method.output, one.message).length, 0);
    assert.deepEqual(one.message, { result: "success" });
    const withResult = createMockDescMessage("shop.Result", { fields: [{ name: "result" }] });
    const named = await next(createMockRequest({ method: createMockDescMethod("Get", { output: withResult }) }));
    assert.deepEqual(toJson(withResult, named.message), { result: "success" });
    const output = createMockDescMessage("shop.Price", { fields: [{ name: "cents", type: "int64" }] });
    const priced = await next(createMockRequest({ method: createMockDescMethod("Get", { output }) }));
    assert.deepEqual(toBinary(output, priced.message), toBinary(output, create(output)));
  });

  // contract: NXT-5
  test(`${name}: the response has the service and the method of the request, header and trailer`, async () => {
    const request = createMockRequest({ service: "shop.v1.Catalog", method: "List" });
    const next = make();
    const response = await next(request);
    assert.deepEqual([response.service === request.service, response.method === request.method], [true, true]);
    assert.deepEqual([[...response.header], [...response.trailer]], [[], []]);
    assert.notEqual((await next(request)).header, response.header);
    const header = new Headers({ "x-id": "7" });
    const trailer = new Headers({ "x-cost": "3" });
    const given = await make({ header, trailer })(request);
    assert.deepEqual([given.header === header, given.trailer === trailer], [true, true]);
  });

  // contract: NXT-6
  test(`${name}: any message stays what it is: a text, a generator, a stream`, async () => {
    async function* generate() {
      yield 1;
    }
    for (const message of ["text", generate(), createMockStream([1])]) {
      const response = await make({ stream: true, message })(createMockRequest());
      assert.equal(response.message, message);
      if (typeof message === "string") continue;
      for await (const item of response.message) assert.equal(item, 1);
    }
  });

  test(`${name}: the default of a stream is a stream of the default message`, async () => {
    const response = await make({ stream: true })(createMockRequest({ stream: true }));
    const items: unknown[] = [];
    for await (const item of response.message) items.push(item);
    assert.deepEqual([response.stream, items], [true, [{ result: "success" }]]);
  });

  test(`${name}: requests made by hand get a response too, and so does none`, async () => {
    const byHand = { service: { typeName: "a.B" }, method: { name: "C" }, message: {} };
    assert.deepEqual((await make()(byHand)).message, { result: "success" });
    assert.equal((await make()({})).method, undefined);
    const response = await make()();
    assert.deepEqual([response.message, response.service.typeName], [{ result: "success" }, "test.TestService"]);
  });

  test(`${name}: an option that does not exist is rejected`, () => {
    assert.throws(() => make({ headers: new Headers() } as MockNextOptions), {
      name: "TypeError",
      message: `${name}: there is no option "headers". It can be "message", "stream", "header", "trailer".`,
    });
  });
}

// contract: NXT-3
test("createMockNextSlow waits before it responds", async () => {
  const start = performance.now();
  await createMockNextSlow(30)(createMockRequest());
  const passed = performance.now() - start;
  // Timers may fire a millisecond early.
  assert.ok(passed >= 28, `${passed} ms`);
});

test("createMockNextSlow rejects a delay that no timer can have", () => {
  for (const delay of [Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648]) {
    assert.throws(() => createMockNextSlow(delay), {
      name: "RangeError",
      message: `createMockNextSlow: delay must be a number of milliseconds up to 2147483647, not ${delay}`,
    });
  }
});

// contract: NXT-4
test("createMockNextError rejects each call with a new error, and never throws", async () => {
  const next = createMockNextError(Code.Unavailable);
  const [one, other] = [await rejection(next(createMockRequest())), await rejection(next())];
  assert.ok(one instanceof ConnectError && other instanceof ConnectError);
  assert.deepEqual([one.code, one.rawMessage], [Code.Unavailable, "Mock error"]);
  assert.notEqual(one, other);
  const named = await rejection(createMockNextError(Code.NotFound, "no user 7")());
  assert.ok(named instanceof ConnectError);
  assert.equal(named.message, "[not_found] no user 7");
});

test("they are what connect's interceptors call", async () => {
  const passing: Interceptor = (next) => (request) => next(request);
  const next = createMockNext();
  const response = await passing(next)(createMockRequest());
  assert.deepEqual([response.message, next.mock.callCount()], [{ result: "success" }, 1]);
  const failed = await rejection(passing(createMockNextError(Code.Aborted))(createMockRequest({ stream: true })));
  assert.equal(ConnectError.from(failed).code, Code.Aborted);
});
