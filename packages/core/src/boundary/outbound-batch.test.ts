import assert from "node:assert/strict";
import { test } from "node:test";
import type { Writer } from "../codec/writer.ts";
import type { EncodeInto } from "./call-port.ts";
import type { NativeServer } from "./native.ts";
import { Answer, OutboundBatch } from "./outbound-batch.ts";

/** An outlet, and what it has handed over: number of the call and text, with "end" for an end. */
function recorded() {
  const settled: [number, string][] = [];
  const settle = (records: Float64Array, bytes: Uint8Array, count: number) => {
    let at = 0;
    for (const record of Array.from({ length: count }, (_, index) => records.subarray(3 * index, 3 * index + 3))) {
      const [answer, call, length] = record as unknown as [number, number, number];
      settled.push([call, answer === Answer.END ? "end" : Buffer.from(bytes.subarray(at, at + length)).toString()]);
      at += length;
    }
  };
  // The outlet asks nothing else of it.
  const native = { settle } as unknown as NativeServer;
  return { outlet: new OutboundBatch(native, () => {}), settled };
}

/** Writes a text, and does something in the midst of it. */
const text =
  (value: string, meanwhile = () => {}): EncodeInto =>
  (writer: Writer) => {
    const half = value.length / 2;
    writer.text(value.slice(0, half));
    meanwhile();
    writer.text(value.slice(half));
    return undefined;
  };

test("a message is whole, also if those before it are handed over while it is read", () => {
  const { outlet, settled } = recorded();
  outlet.add(Answer.ONLY, 1, text("one"));
  outlet.add(
    Answer.ONLY,
    2,
    text("second", () => outlet.settle()),
  );
  outlet.add(Answer.ONLY, 3, text("three"));
  outlet.settle();
  assert.deepEqual(settled, [
    [1, "one"],
    [2, "second"],
    [3, "three"],
  ]);
});

test("a call may be answered while the answer of another is read, with a message or without", () => {
  const { outlet, settled } = recorded();
  const apart: string[] = [];
  const answer = (value: string) => apart.push(Buffer.from(outlet.add(Answer.ONLY, 9, text(value)) ?? []).toString());
  outlet.add(Answer.ONLY, 1, text("one"));
  const meanwhile = () => {
    answer("nine");
    outlet.add(Answer.END, 8, null);
    answer("ten");
  };
  outlet.add(Answer.ONLY, 2, text("second", meanwhile));
  assert.equal(Buffer.from(outlet.bytesOf(text("bytes", meanwhile))).toString(), "bytes");
  outlet.settle();
  assert.deepEqual(apart, ["nine", "ten", "nine", "ten"]);
  assert.deepEqual(settled, [
    [1, "one"],
    [8, "end"],
    [2, "second"],
    [8, "end"],
  ]);
});

test("no answer is lost when the list becomes full while one is read", () => {
  const { outlet, settled } = recorded();
  for (let call = 0; call < 1_000; call += 1) {
    outlet.add(
      Answer.ONLY,
      call,
      text(`${call}.`, () => outlet.add(Answer.END, call, null)),
    );
  }
  outlet.settle();
  const answers = settled.filter(([, what]) => what !== "end");
  assert.deepEqual(
    answers,
    Array.from({ length: 1_000 }, (_, call) => [call, `${call}.`]),
  );
  assert.equal(settled.length, 2_000);
});
