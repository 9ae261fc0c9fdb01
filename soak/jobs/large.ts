// Messages of 1 to 3 MiB.
import { same, sameBytes } from "../expect.ts";
import { success } from "../outcome.ts";
import type { Job } from "./job.ts";

const MIB = 1024 * 1024;

export const large: Job = {
  name: "a large message",
  weight: 3,
  async run(client, random) {
    // The limit of the server is 4 MiB, and bytes in JSON are a third larger.
    const payload = random.bytes(random.integer(MIB, client.isJson ? 2.8 * MIB : 3 * MIB));
    const isStream = random.once(2);
    const count = isStream ? random.integer(1, 4) : 1;
    const { messages } = await success(client, {
      kind: isStream ? "server stream" : "unary",
      requests: [{ text: "large", payload, count }],
    });
    same(messages.length, count, "the number of messages");
    for (const message of messages) sameBytes(message.payload, payload, "the payload");
  },
};
