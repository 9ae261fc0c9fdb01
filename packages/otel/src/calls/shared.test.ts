// What interceptors of others may use: sizes, authorities, streams.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { rejection, streamOf } from "../../../../__test__/support/interceptor-calls.ts";
import { recordedTelemetry } from "../../../../__test__/support/recorded-telemetry.ts";
import { EchoRequestSchema, EchoResponseSchema } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { authorityOf } from "./authority.ts";
import { estimateMessageSize } from "./message-size.ts";
import { wrapAsyncIterable } from "./wrap-async-iterable.ts";

// contract: OT-UTL-1, OT-SC-1
test("the size of a message is that of its bytes, now; without a schema only what can serialize itself has one", () => {
  const message = create(EchoRequestSchema, { text: "question" });
  const size = () => estimateMessageSize(message, EchoRequestSchema);
  assert.equal(size(), toBinary(EchoRequestSchema, message).length);
  message.text = "";
  assert.equal(size(), 0);
  assert.equal(estimateMessageSize({ toBinary: () => new Uint8Array(7) }), 7);
  message.text = "question";
  for (const other of [null, undefined, 5, "text", {}, message]) assert.equal(estimateMessageSize(other), 0);
});

test("what cannot be serialized has no size", () => {
  assert.equal(estimateMessageSize(create(EchoResponseSchema), EchoRequestSchema), 0);
  const wrong = Object.assign(create(EchoResponseSchema), { index: 1.5 });
  assert.equal(estimateMessageSize(wrong, EchoResponseSchema), 0);
  const throwing = {
    toBinary() {
      throw new Error("no");
    },
  };
  assert.equal(estimateMessageSize(throwing), 0);
});

for (const [url, address, port] of [
  ["https://shop.example/a/B", "shop.example", undefined],
  ["http://127.0.0.1:80/a/B", "127.0.0.1", 80],
  ["http://[::1]:8080/a/B?c=d://e", "::1", 8080],
  ["http://user:word@host:1/", "host", 1],
  ["https://bare", "bare", undefined],
] as const) {
  test(`the authority of ${url}`, () => assert.deepEqual(authorityOf(url), { address, port }));
}

// contract: OT-UTL-6, OT-MSG-4
test("wrapAsyncIterable() passes messages on, as events if asked for, and ends the span if asked for", async () => {
  const telemetry = recordedTelemetry();
  const tracer = telemetry.options.tracerProvider.getTracer("a");
  const read = async (iterable: AsyncIterable<unknown>, events: boolean, ends?: boolean) => {
    const span = tracer.startSpan("a");
    const seen = [];
    for await (const item of wrapAsyncIterable(iterable, span, "SENT", events, ends)) seen.push(item);
    return [seen.length, span.isRecording()];
  };
  assert.deepEqual(await read(streamOf(1, 2), true, true), [2, false]);
  assert.deepEqual(
    telemetry.span().events.map(({ attributes }) => [attributes?.["rpc.message.type"], attributes?.["rpc.message.id"]]),
    [
      ["SENT", 1],
      ["SENT", 2],
    ],
  );
  assert.deepEqual(await read(streamOf(1), false), [1, true]);
  async function* failing() {
    yield 1;
    throw undefined;
  }
  assert.equal(await rejection(read(failing(), false, true)), undefined);
  assert.deepEqual(
    [telemetry.spans()[1]?.status.code, telemetry.spans()[1]?.events.map(({ name }) => name)],
    [2, ["exception"]],
  );
});
