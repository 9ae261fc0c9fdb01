// The fallback: which errors it replaces, and by which response.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import {
  failing,
  messagesOf,
  rejection,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { EchoResponseSchema } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { createFallbackInterceptor, type FallbackOptions } from "./fallback.ts";

const down = new ConnectError("down", Code.Unavailable);
const cached = create(EchoResponseSchema, { text: "cached" });

// contract: FB-1
test("a handler must be a function", () => {
  for (const handler of [undefined, null, {}, "a"]) {
    assert.throws(() => createFallbackInterceptor({ handler } as unknown as FallbackOptions), {
      name: "Error",
      message: "handler must be a function",
      cause: handler,
    });
  }
  // As a program without types may call it.
  assert.throws(() => Reflect.apply(createFallbackInterceptor, undefined, []), {
    message: "handler must be a function",
  });
});

// contract: FB-2, COM-5
test("a response passes as the same object, and the handler is not called", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  const interceptor = createFallbackInterceptor({ handler: () => assert.fail() });
  assert.equal(await run(interceptor, async () => response, request), response);
});

// contract: FB-3, SC-6
test("shortcoming 6, every failure is hidden: only failures of the service are replaced", async () => {
  const seen: unknown[] = [];
  const interceptor = createFallbackInterceptor({
    handler: async (error) => {
      seen.push(error);
      return cached;
    },
  });
  const plain = new Error("a");
  for (const error of [down, plain]) {
    assert.deepEqual(await messagesOf(await run(interceptor, failing(error), unaryRequest())), [cached]);
  }
  assert.deepEqual(seen, [down, plain]);
  for (const code of [Code.NotFound, Code.InvalidArgument, Code.PermissionDenied, Code.Canceled]) {
    const error = new ConnectError("a", code);
    assert.equal(await rejection(run(interceptor, failing(error), unaryRequest())), error);
  }
});

// contract: FB-3, SC-6
test("shortcoming 6, there is no filter: a predicate decides; if it throws, the error is replaced", async (t) => {
  const lines = consoleLines(t, "error");
  const notFound = new ConnectError("a", Code.NotFound);
  const never = createFallbackInterceptor({ handler: () => cached, failurePredicate: () => false });
  assert.equal(await rejection(run(never, failing(down), unaryRequest())), down);
  const broken = createFallbackInterceptor({
    handler: () => cached,
    failurePredicate: () => {
      throw new Error("predicate is broken");
    },
  });
  assert.deepEqual(await messagesOf(await run(broken, failing(notFound), unaryRequest())), [cached]);
  assert.equal(lines.length, 1);
});

// contract: FB-4, SC-4
test("shortcoming 4, the request headers are sent back: the response has empty headers and trailers", async () => {
  const request = unaryRequest({ headers: new Headers({ authorization: "Bearer secret" }) });
  const response = await run(createFallbackInterceptor({ handler: () => cached }), failing(down), request);
  assert.deepEqual(
    [response.stream, response.service, response.method, [...response.header], [...response.trailer]],
    [false, request.service, request.method, [], []],
  );
  assert.deepEqual([...request.header], [["authorization", "Bearer secret"]]);
});

// contract: FB-7, SC-5
test("shortcoming 5, plain objects do not work: they become messages of the output type", async () => {
  const interceptor = createFallbackInterceptor({ handler: () => ({ text: "plain", index: 3 }) });
  const [message] = await messagesOf(await run(interceptor, failing(down), unaryRequest()));
  assert.deepEqual(message, create(EchoResponseSchema, { text: "plain", index: 3 }));
  for (const [given, text] of [
    [undefined, "undefined"],
    [null, "null"],
    [5, "a number"],
  ]) {
    const wrong = createFallbackInterceptor({ handler: () => given });
    const error = await rejection(run(wrong, failing(down), unaryRequest()));
    assert.match(
      String(error),
      new RegExp(`^TypeError: the handler of a fallback returned ${text} instead of a connectum`),
    );
  }
});

// contract: FB-5
test("an error of the handler is the error of the call", async () => {
  const thrown = new ConnectError("nothing cached", Code.NotFound);
  const throwing = createFallbackInterceptor({
    handler: () => {
      throw thrown;
    },
  });
  const rejecting = createFallbackInterceptor({ handler: async () => Promise.reject(thrown) });
  for (const interceptor of [throwing, rejecting]) {
    assert.equal(await rejection(run(interceptor, failing(down), unaryRequest())), thrown);
  }
});

// contract: FB-6, COM-3
test("streaming calls are exempt; without skipStreaming, one that fails gets a stream of one message", async () => {
  const handler = () => cached;
  assert.equal(await rejection(run(createFallbackInterceptor({ handler }), failing(down), streamRequest())), down);
  const all = createFallbackInterceptor({ handler, skipStreaming: false });
  const response = await run(all, failing(down), streamRequest());
  assert.equal(response.stream, true);
  assert.deepEqual(await messagesOf(response), [cached]);
});

test("errors that are thrown synchronously are replaced, too", async () => {
  const throwing = () => {
    throw down;
  };
  const response = await run(createFallbackInterceptor({ handler: () => cached }), throwing, unaryRequest());
  assert.deepEqual(await messagesOf(response), [cached]);
});
