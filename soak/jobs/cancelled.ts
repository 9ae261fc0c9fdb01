// Calls that are cancelled: before an answer, between messages, while they send, and at any moment.
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { WAIT } from "../directives.ts";
import { failedWith, same, sameBytes } from "../expect.ts";
import { outcomeOf } from "../outcome.ts";
import type { Job } from "./job.ts";

export const cancelledWhileItWaits: Job = {
  name: "a unary call that is cancelled",
  weight: 5,
  async run(client, random) {
    const controller = new AbortController();
    const calling = outcomeOf(client, { kind: "unary", requests: [{ text: WAIT }], signal: controller.signal });
    await sleep(random.integer(0, 30)); // The moment of the cancellation is chance.
    controller.abort();
    failedWith((await calling).error, Code.Canceled);
  },
};

export const cancelledBetweenMessages: Job = {
  name: "a stream that is cancelled between messages",
  weight: 5,
  async run(client, random) {
    const controller = new AbortController();
    const count = random.integer(1, 20);
    let received = 0;
    const isBidi = random.once(2);
    const { messages, error } = await outcomeOf(client, {
      kind: isBidi ? "bidi stream" : "server stream",
      requests: isBidi ? openStream(controller.signal, count) : [{ text: WAIT, count }],
      signal: controller.signal,
      onMessage() {
        received += 1;
        if (received === count) controller.abort();
      },
    });
    failedWith(error, Code.Canceled);
    same(messages.length, count, "the messages before the cancellation");
  },
};

export const cancelledWhileItSends: Job = {
  name: "a client stream that is cancelled",
  weight: 5,
  async run(client, random) {
    const controller = new AbortController();
    const requests = openStream(controller.signal, random.integer(0, 20));
    const calling = outcomeOf(client, { kind: "client stream", requests, signal: controller.signal });
    await sleep(random.integer(0, 30)); // The moment of the cancellation is chance.
    controller.abort();
    failedWith((await calling).error, Code.Canceled);
  },
};

export const cancelledAtAnyMoment: Job = {
  name: "a call with an answer that is cancelled",
  weight: 5,
  async run(client, random) {
    const payload = random.bytes(random.integer(0, 200_000));
    const controller = new AbortController();
    const asked = { kind: "unary", requests: [{ text: "t", payload }], signal: controller.signal } as const;
    const calling = outcomeOf(client, asked);
    await sleep(random.integer(0, 8)); // The moment of the cancellation is chance.
    controller.abort();
    const { messages, error } = await calling;
    if (error === undefined) sameBytes(messages[0]?.payload ?? new Uint8Array(), payload, "the payload");
    else failedWith(error, Code.Canceled);
  },
};

/** So many requests, and no end before the call is over. */
async function* openStream(signal: AbortSignal, count: number) {
  for (let index = 0; index < count; index += 1) yield { text: `${index}` };
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
