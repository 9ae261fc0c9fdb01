// Streams in either direction and in both.
import { same, sameBytes } from "../expect.ts";
import { success } from "../outcome.ts";
import type { Random } from "../random.ts";
import type { Job } from "./job.ts";

export const serverStream: Job = {
  name: "server stream",
  weight: 10,
  async run(client, random) {
    const text = random.text();
    const payload = random.bytes(random.integer(0, 300));
    const count = random.once(20) ? 1_000 : random.integer(0, 40);
    const asked = "a stream's";
    const { messages, header, trailer } = await success(client, {
      kind: "server stream",
      requests: [{ text, payload, count }],
      metadata: [["x-ask", asked]],
    });
    same(
      messages.map(({ index }) => index),
      Array.from({ length: count }, (_, index) => index),
      "the positions",
    );
    for (const message of messages) {
      same(message.text, text, "the text");
      sameBytes(message.payload, payload, "the payload");
    }
    same(header.get("x-header"), asked, "the header");
    if (!client.losesTrailers) same(trailer.get("x-trailer"), asked, "the trailer");
  },
};

export const clientStream: Job = {
  name: "client stream",
  weight: 10,
  async run(client, random) {
    const requests = requestsOf(random);
    const { messages } = await success(client, { kind: "client stream", requests });
    const bytes = requests.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    const expected = [requests.map(({ text }) => text).join(","), bytes];
    same(
      messages.map(({ text, index }) => [text, index]),
      [expected],
      "texts and bytes",
    );
  },
};

export const bidiStream: Job = {
  name: "bidi stream",
  weight: 10,
  async run(client, random) {
    const requests = requestsOf(random);
    const { messages } = await success(client, { kind: "bidi stream", requests });
    const expected = requests.map(({ text }, index) => [text, index]);
    same(
      messages.map(({ text, index }) => [text, index]),
      expected,
      "texts and positions",
    );
    for (const [at, { payload }] of requests.entries()) {
      sameBytes(messages[at]?.payload ?? new Uint8Array(), payload, "a payload");
    }
  },
};

function requestsOf(random: Random) {
  const count = random.once(20) ? 300 : random.integer(0, 20);
  return Array.from({ length: count }, () => ({
    text: random.text(),
    payload: random.bytes(random.integer(0, 300)),
  }));
}
