// The error that a client gets for what a handler throws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { type FailureContext, failureOf } from "./failure.ts";

/** A context, and a list of what it reports. */
function contextOf(protocolName: string) {
  const reported: unknown[] = [];
  const context: FailureContext = { protocolName, jsonOptions: {}, report: (error) => void reported.push(error) };
  return { context, reported };
}

const connect = () => contextOf("connect").context;

for (const thrown of [new Error("secret"), "secret", undefined, null, 7, { code: 5, message: "secret" }]) {
  // contract: D6
  test(`the client learns nothing about a thrown ${String(thrown)} except that the call failed`, () => {
    assert.deepEqual(failureOf(thrown, connect()), {
      code: Code.Internal,
      message: "internal error",
      details: [],
      metadata: null,
      header: null,
      trailer: null,
    });
  });
}

// contract: D6
test("a ConnectError is sent unchanged", () => {
  const error = new ConnectError("no such thing", Code.NotFound, { "x-a": "1" });
  assert.deepEqual(failureOf(error, connect()), {
    code: Code.NotFound,
    message: "no such thing",
    details: [],
    metadata: ["x-a", "1"],
    header: null,
    trailer: null,
  });
});

test("a ConnectError from another copy of connect is recognized", () => {
  const { rawMessage, metadata, details, cause } = new ConnectError("x", Code.Aborted);
  const foreign = Object.assign(new Error("x"), {
    name: "ConnectError",
    code: Code.Aborted,
    rawMessage,
    metadata,
    details,
    cause,
  });
  assert.equal(failureOf(foreign, connect()).code, Code.Aborted);
});

test("details have a type and bytes, and for Connect also a readable text", () => {
  const error = new ConnectError("x", Code.Aborted, undefined, [
    { desc: DurationSchema, value: { seconds: 3n } },
    { desc: StringValueSchema, value: { value: "a" } },
  ]);
  for (const [protocolName, debug] of [
    ["connect", [`"3s"`, `"a"`]],
    ["grpc", [null, null]],
  ] as const) {
    const { details } = failureOf(error, contextOf(protocolName).context);
    assert.deepEqual(
      [details[0], details[2], details[3], details[5]],
      ["google.protobuf.Duration", debug[0], "google.protobuf.StringValue", debug[1]],
    );
    assert.equal(fromBinary(DurationSchema, details[1] as Uint8Array).seconds, 3n);
  }
});

test("details from another server are passed on unchanged", () => {
  const error = new ConnectError("x", Code.Aborted);
  const value = new Uint8Array([1, 2]);
  error.details.push({ type: "a.B", value }, { type: "a.C", value, debug: { a: 1 } });
  assert.deepEqual(failureOf(error, connect()).details, ["a.B", value, null, "a.C", value, `{"a":1}`]);
});

test("a detail that cannot be serialized is omitted and logged; the others are sent", () => {
  const { context, reported } = contextOf("connect");
  const error = new ConnectError("x", Code.Aborted, undefined, [
    { desc: DurationSchema, value: { seconds: "soon" as never } },
    { desc: StringValueSchema, value: { value: "good" } },
  ]);
  const failure = failureOf(error, context);
  assert.deepEqual([failure.code, failure.details.length, failure.details[2]], [Code.Aborted, 3, `"good"`]);
  assert.match(String(reported[0]), /an error detail of the type google\.protobuf\.Duration cannot be sent/);
  assert.ok((reported[0] as Error).cause instanceof Error);
});

test("a detail without a JSON form is sent without the readable text", () => {
  const { context, reported } = contextOf("connect");
  const value = { typeUrl: "type.googleapis.com/not.Registered", value: new Uint8Array([1]) };
  const error = new ConnectError("x", Code.Aborted, undefined, [{ desc: AnySchema, value }]);
  const { details } = failureOf(error, context);
  assert.deepEqual([details[0], details[2], reported], ["google.protobuf.Any", null, []]);
});
