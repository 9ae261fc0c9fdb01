// The memory that Rust writes messages to: unread messages are copied out, so that they do not keep it alive.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { InboundMemory } from "./inbound-memory.ts";
import { LENGTH_OVERSIZED, type NativeCalls, READ_LENGTHS, READ_STATE, STREAM_OPEN } from "./native.ts";

type Native = Pick<NativeCalls, "read" | "oversizedMessage">;

/** In these tests the memory calls no other method of the native object. */
const memoryOf = (native: Native) => new InboundMemory(native as NativeCalls);

/** Every `read` gives all texts, one after the other. */
function texts(...all: string[]): Native {
  return {
    read(_call, numbers, bytes, offset) {
      numbers[READ_STATE] = STREAM_OPEN;
      let at = offset;
      for (const [index, text] of all.entries()) {
        numbers[READ_LENGTHS + index] = Buffer.from(bytes.buffer).write(text, at);
        at += text.length;
      }
      return all.length;
    },
    oversizedMessage: () => null,
  };
}

/** The buffer that holds the messages of the next read. */
function currentBlock(memory: InboundMemory): ArrayBufferLike {
  const messages = memory.read(2) ?? assert.fail("there are messages");
  return messages.take(({ buffer }) => buffer);
}

test("unread messages do not keep alive the memory that they arrived in", () => {
  const memory = memoryOf(texts("first", "second", "third".repeat(1_000)));
  const waiting = memory.read(1) ?? assert.fail("there are messages");
  const taken: string[] = [];
  const take = () =>
    waiting.take((bytes) => {
      taken.push(Buffer.from(bytes).toString());
      return bytes.buffer;
    });
  const before = take();
  assert.equal(currentBlock(memory), before);
  while (currentBlock(memory) === before);
  const after = take();
  assert.ok(after.byteLength < 10_000, `${after.byteLength} bytes are kept alive`);
  take();
  assert.deepEqual(taken, ["first", "second", "third".repeat(1_000)]);
  assert.equal(waiting.hasNext, false);
});

test("the number of tracked reads is bounded, even if their messages are too small to fill the memory", () => {
  const memory = memoryOf(texts("a", "b"));
  const waiting = memory.read(1) ?? assert.fail("there are messages");
  const before = currentBlock(memory);
  for (let read = 2; read < 1_024; read += 1) memory.read(2);
  assert.ok(currentBlock(memory) === before, "it is still the same memory");
  waiting.take(({ buffer }) => assert.ok(buffer !== before, "the unread message was copied"));
});

test("the stream ends if its call ends before an oversized message is fetched", () => {
  const memory = memoryOf({
    read(_call, numbers) {
      numbers[READ_STATE] = STREAM_OPEN;
      numbers[READ_LENGTHS] = LENGTH_OVERSIZED;
      return 1;
    },
    oversizedMessage: () => null,
  });
  const { hasNext, end } = memory.read(1) ?? assert.fail("there was a message");
  assert.equal(hasNext, false);
  assert.ok(end !== undefined && end !== "end" && end.code === Code.Canceled);
});
