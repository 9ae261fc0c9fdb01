// Batched responses are complete and in order, whatever the getters of a message do while it is encoded.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Writer } from "../codec/writer.ts";
import type { Outbound } from "./call-port.ts";
import {
  KIND_END,
  KIND_ONLY_MESSAGE,
  type NativeCalls,
  OUTBOUND_CALL,
  OUTBOUND_KIND,
  OUTBOUND_LENGTH,
  OUTBOUND_RECORD,
} from "./native.ts";
import { OutboundBatch } from "./outbound-batch.ts";

/** A batch, and a list of what it has submitted: the number of each call, and its text or "end". */
function recorded() {
  const submitted: [number, string][] = [];
  const submit = (records: Float64Array, bytes: Uint8Array, count: number) => {
    let begin = 0;
    for (let at = 0; at < count * OUTBOUND_RECORD; at += OUTBOUND_RECORD) {
      const column = (name: number) => records[at + name] as number;
      const end = begin + column(OUTBOUND_LENGTH);
      const isEnd = column(OUTBOUND_KIND) === KIND_END;
      submitted.push([column(OUTBOUND_CALL), isEnd ? "end" : Buffer.from(bytes.subarray(begin, end)).toString()]);
      begin = end;
    }
  };
  // The batch calls no other method of the native object.
  const native = { submit } as unknown as NativeCalls;
  return { batch: new OutboundBatch(native, () => {}), submitted };
}

/** Encodes a text, and calls `meanwhile` when half of it is written. */
const text = (value: string, meanwhile = () => {}): Outbound => ({
  encodeInto(writer: Writer) {
    const half = value.length / 2;
    writer.text(value.slice(0, half));
    meanwhile();
    writer.text(value.slice(half));
    return undefined;
  },
});

test("a message is complete, even if earlier ones are submitted while it is encoded", () => {
  const { batch, submitted } = recorded();
  batch.add(KIND_ONLY_MESSAGE, 1, text("one"));
  batch.add(
    KIND_ONLY_MESSAGE,
    2,
    text("second", () => batch.submit()),
  );
  batch.add(KIND_ONLY_MESSAGE, 3, text("three"));
  batch.submit();
  assert.deepEqual(submitted, [
    [1, "one"],
    [2, "second"],
    [3, "three"],
  ]);
});

test("while a response is encoded, other calls can be answered, with or without a message", () => {
  const { batch, submitted } = recorded();
  const oversized: string[] = [];
  const respond = (value: string) =>
    oversized.push(Buffer.from(batch.add(KIND_ONLY_MESSAGE, 9, text(value)) ?? []).toString());
  batch.add(KIND_ONLY_MESSAGE, 1, text("one"));
  const meanwhile = () => {
    respond("nine");
    batch.add(KIND_END, 8, null);
    respond("ten");
  };
  batch.add(KIND_ONLY_MESSAGE, 2, text("second", meanwhile));
  assert.equal(Buffer.from(batch.bytesOf(text("bytes", meanwhile))).toString(), "bytes");
  batch.submit();
  assert.deepEqual(oversized, ["nine", "ten", "nine", "ten"]);
  assert.deepEqual(submitted, [
    [1, "one"],
    [8, "end"],
    [2, "second"],
    [8, "end"],
  ]);
});

test("no response is lost if the list fills up while one is encoded", () => {
  const { batch, submitted } = recorded();
  for (let call = 0; call < 1_000; call += 1) {
    batch.add(
      KIND_ONLY_MESSAGE,
      call,
      text(`${call}.`, () => batch.add(KIND_END, call, null)),
    );
  }
  batch.submit();
  const responses = submitted.filter(([, what]) => what !== "end");
  assert.deepEqual(
    responses,
    Array.from({ length: 1_000 }, (_, call) => [call, `${call}.`]),
  );
  assert.equal(submitted.length, 2_000);
});
