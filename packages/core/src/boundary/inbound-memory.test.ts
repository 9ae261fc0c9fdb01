import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { InboundMemory } from "./inbound-memory.ts";
import type { NativeServer } from "./native.ts";

type Native = Pick<NativeServer, "read" | "message">;

/** Of the server it asks for nothing else here. */
const inletOf = (native: Native) => new InboundMemory(native as NativeServer);

/** Gives the texts to every `read`, behind each other. */
function texts(...all: string[]): Native {
  return {
    read(_call, numbers, bytes, offset) {
      numbers.fill(0, 0, 3);
      let at = offset;
      for (const [index, text] of all.entries()) {
        numbers[3 + index] = Buffer.from(bytes.buffer).write(text, at);
        at += text.length;
      }
      return all.length;
    },
    message: () => null,
  };
}

test("messages that nobody asks for do not keep the memory that they came in", () => {
  const inlet = inletOf(texts("first", "second", "third".repeat(1_000)));
  const waiting = inlet.read(1) ?? assert.fail("there are messages");
  const taken: string[] = [];
  const take = () =>
    waiting.take((bytes) => {
      taken.push(Buffer.from(bytes).toString());
      return bytes.buffer;
    });
  const before = inlet.block.buffer;
  assert.equal(take(), before);
  while (inlet.block.buffer === before) inlet.read(2);
  const after = take();
  assert.ok(after.byteLength < 10_000, `${after.byteLength} bytes are kept`);
  take();
  assert.deepEqual(taken, ["first", "second", "third".repeat(1_000)]);
  assert.equal(waiting.hasNext, false);
});

test("reads are not remembered without end, though their messages are so small that no memory is used up", () => {
  const inlet = inletOf(texts("a", "b"));
  const waiting = inlet.read(1) ?? assert.fail("there are messages");
  const before = inlet.block.buffer;
  for (let read = 1; read < 1_024; read += 1) inlet.read(2);
  assert.ok(inlet.block.buffer === before, "it is still the same memory");
  waiting.take(({ buffer }) => assert.ok(buffer !== before, "what waits is elsewhere"));
});

test("a large message whose call ends before it is fetched is no message", () => {
  const inlet = inletOf({
    read(_call, numbers) {
      numbers.set([0, 0, 0, -2]);
      return 1;
    },
    message: () => null,
  });
  const { hasNext, end } = inlet.read(1) ?? assert.fail("there was a message");
  assert.equal(hasNext, false);
  assert.ok(end !== undefined && end !== "end" && end.code === Code.Canceled);
});
