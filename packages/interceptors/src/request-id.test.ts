// Request identifiers: taken from the client or made, sent back, and logged.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import {
  answering,
  failing,
  failingStream,
  messagesOf,
  rejection,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { createErrorHandlerInterceptor } from "./error-handler.ts";
import { createLoggerInterceptor } from "./logger.ts";
import { createRequestIdInterceptor, requestIdKey } from "./request-id.ts";

const interceptor = createRequestIdInterceptor();
const withId = (id: string) => unaryRequest({ headers: new Headers({ "x-request-id": id }) });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const given of ["a", "7d3f-1", "!~", "x".repeat(128)]) {
  test(`the client's identifier is kept: ${given.slice(0, 10)}`, async () => {
    const request = withId(given);
    const response = await run(interceptor, answering(), request);
    assert.deepEqual([response.header.get("x-request-id"), request.contextValues.get(requestIdKey)], [given, given]);
  });
}

for (const given of [undefined, "", "two words", "x".repeat(129), "caf\u00e9", "a\tb"]) {
  test(`a UUID is made in place of ${given === undefined ? "none" : JSON.stringify(given.slice(0, 10))}`, async () => {
    const requests = [0, 1].map(() => (given === undefined ? unaryRequest() : withId(given)));
    const ids = requests.map(async (request) => {
      const response = await run(interceptor, answering(), request);
      assert.equal(response.header.get("x-request-id"), request.contextValues.get(requestIdKey));
      return response.header.get("x-request-id") ?? "";
    });
    const [one = "", other] = await Promise.all(ids);
    assert.match(one, UUID);
    assert.notEqual(one, other);
  });
}

/** The identifier in the metadata of the error of a call. */
async function idOf(promise: Promise<unknown>): Promise<string | null> {
  const error = await rejection(promise);
  assert.ok(error instanceof ConnectError);
  return error.metadata.get("x-request-id");
}

test("a ConnectError has it in its metadata; the thrown error is left alone, and so are other errors", async () => {
  class Missing extends ConnectError {}
  const known = new Missing("no user 7", Code.NotFound, { "x-why": "1" });
  for (const id of ["a", "b"]) {
    const error = await rejection(run(interceptor, failing(known), withId(id)));
    assert.ok(error instanceof Missing);
    assert.deepEqual([error.rawMessage, error.code, error.stack], [known.rawMessage, known.code, known.stack]);
    assert.deepEqual(
      [...error.metadata],
      [
        ["x-request-id", id],
        ["x-why", "1"],
      ],
    );
  }
  assert.deepEqual([...known.metadata], [["x-why", "1"]]);
  const throwing = () => {
    throw known;
  };
  assert.equal(await idOf(run(interceptor, throwing, withId("c"))), "c");
  const unknown = new Error("secret");
  assert.equal(await rejection(run(interceptor, failing(unknown), withId("d"))), unknown);
});

test("a stream that fails has it in its headers", async () => {
  const late = new ConnectError("gone", Code.Aborted);
  const request = streamRequest([], { headers: new Headers({ "x-request-id": "b" }) });
  const response = await run(interceptor, failingStream(late, 1), request);
  assert.equal(response.header.get("x-request-id"), "b");
  assert.equal(await rejection(messagesOf(response)), late);
});

test("it takes no options", () => {
  assert.throws(() => createRequestIdInterceptor({ header: "x-trace-id" } as never), {
    name: "TypeError",
    message: 'createRequestIdInterceptor: there is no option "header". It takes none.',
  });
});

test("the error handler inside of it logs it", async (t) => {
  const lines = consoleLines(t, "error");
  const chain: Interceptor[] = [interceptor, createErrorHandlerInterceptor({ logErrors: true })];
  const error = await rejection(run(chain, failing(new Error("row 7 is locked")), withId("7d3f")));
  assert.ok(error instanceof ConnectError);
  assert.equal(error.metadata.get("x-request-id"), "7d3f");
  assert.equal(
    lines[0]?.[0],
    "rpc Echo of connectum.test.v1.EchoService failed: [internal] internal error (request 7d3f)",
  );
});

test("the log interceptor inside of it writes it, as a field for a structured logger", async () => {
  const texts: string[] = [];
  const fields: object[] = [];
  const structured = { debug: (given: object) => void fields.push(given) } as never;
  const text = createLoggerInterceptor({ logger: (line) => void texts.push(line) });
  await run([interceptor, text, createLoggerInterceptor({ logger: structured })], answering(), withId("7d3f"));
  assert.equal(texts[0], "RPC /connectum.test.v1.EchoService/Echo request (request 7d3f)");
  assert.deepEqual(
    fields.map((given) => Reflect.get(given, "requestId")),
    ["7d3f", "7d3f", "7d3f"],
  );
});
