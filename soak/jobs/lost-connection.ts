// Clients that go away in the middle of everything.
import { clientKinds } from "../clients.ts";
import { WAIT } from "../directives.ts";
import { Unexpected } from "../expect.ts";
import { outcomeOf } from "../outcome.ts";
import type { Job } from "./job.ts";

export const lostConnection: Job = {
  name: "a client that goes away",
  weight: 3,
  async run({ url }, random) {
    // Not grpc-js: it closes its connections when its calls have ended.
    const client = random.pick(clientKinds.slice(0, -1))(url, random);
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const calls = [
      outcomeOf(client, { kind: "unary", requests: [{ text: WAIT }] }),
      outcomeOf(client, { kind: "client stream", requests: [{ text: "a" }, { text: WAIT }] }),
      outcomeOf(client, { kind: "server stream", requests: [{ text: WAIT, count: 1 }], onMessage: () => begun() }),
    ];
    await Promise.race([hasBegun, ...calls]);
    client.close();
    for (const { error } of await Promise.all(calls)) {
      if (error === undefined) throw new Unexpected("a call succeeded whose connection was closed");
    }
  },
};
