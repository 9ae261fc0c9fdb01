import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { CallHead } from "../boundary/call-head.ts";
import { mount } from "../services/router.ts";
import { Call } from "./call.ts";
import { failureOf } from "./failure.ts";

/** A call and what it reports; `flags` say the protocol. */
function newCall(flags: number) {
  const reported: unknown[] = [];
  const [route = assert.fail()] = mount({ services: [(router) => router.service(EchoService, {})] }).routes;
  const report = (_: unknown, error: unknown) => void reported.push(error);
  const port = { read: () => null, respond() {}, write() {}, finish() {}, fail() {}, report };
  return { call: new Call(port, 1, route, flags, undefined, new CallHead("u")), reported };
}

const [CONNECT, GRPC] = [0, 2];

for (const thrown of [new Error("secret"), "secret", undefined, null, 7, { code: 5, message: "secret" }]) {
  // contract: D6
  test(`of ${String(thrown)} the client learns that it happened, and no more`, () => {
    const { call } = newCall(CONNECT);
    assert.deepEqual(failureOf(thrown, call), { code: Code.Internal, message: "internal error", details: [] });
  });
}

// contract: D6
test("a ConnectError is told as it is", () => {
  const { call } = newCall(CONNECT);
  const error = new ConnectError("no such thing", Code.NotFound, { "x-a": "1" });
  assert.deepEqual(failureOf(error, call), {
    code: Code.NotFound,
    message: "no such thing",
    details: [],
    metadata: ["x-a", "1"],
  });
});

test("a ConnectError of another copy of connect is one", () => {
  const { call } = newCall(CONNECT);
  const { rawMessage, metadata, details, cause } = new ConnectError("x", Code.Aborted);
  const foreign = Object.assign(new Error("x"), {
    name: "ConnectError",
    code: Code.Aborted,
    rawMessage,
    metadata,
    details,
    cause,
  });
  assert.equal(failureOf(foreign, call).code, Code.Aborted);
});

test("details are type, bytes, and for Connect a text for people", () => {
  const error = new ConnectError("x", Code.Aborted, undefined, [
    { desc: DurationSchema, value: { seconds: 3n } },
    { desc: StringValueSchema, value: { value: "a" } },
  ]);
  for (const [flags, debug] of [
    [CONNECT, [`"3s"`, `"a"`]],
    [GRPC, [null, null]],
  ] as const) {
    const { details } = failureOf(error, newCall(flags).call);
    assert.deepEqual(
      [details[0], details[2], details[3], details[5]],
      ["google.protobuf.Duration", debug[0], "google.protobuf.StringValue", debug[1]],
    );
    assert.equal(fromBinary(DurationSchema, details[1] as Uint8Array).seconds, 3n);
  }
});

test("details from another server go on as they came", () => {
  const error = new ConnectError("x", Code.Aborted);
  const value = new Uint8Array([1, 2]);
  error.details.push({ type: "a.B", value }, { type: "a.C", value, debug: { a: 1 } });
  assert.deepEqual(failureOf(error, newCall(CONNECT).call).details, ["a.B", value, null, "a.C", value, `{"a":1}`]);
});

test("a detail that cannot be written is left out and logged; the others are sent", () => {
  const { call, reported } = newCall(CONNECT);
  const error = new ConnectError("x", Code.Aborted, undefined, [
    { desc: DurationSchema, value: { seconds: "soon" as never } },
    { desc: StringValueSchema, value: { value: "good" } },
  ]);
  const failure = failureOf(error, call);
  assert.deepEqual([failure.code, failure.details.length, failure.details[2]], [Code.Aborted, 3, `"good"`]);
  assert.match(String(reported[0]), /a google\.protobuf\.Duration among the details of an error cannot be sent/);
  assert.ok((reported[0] as Error).cause instanceof Error);
});

test("a detail without JSON is as good without it", () => {
  const { call, reported } = newCall(CONNECT);
  const value = { typeUrl: "type.googleapis.com/not.Registered", value: new Uint8Array([1]) };
  const error = new ConnectError("x", Code.Aborted, undefined, [{ desc: AnySchema, value }]);
  const { details } = failureOf(error, call);
  assert.deepEqual([details[0], details[2], reported], ["google.protobuf.Any", null, []]);
});
