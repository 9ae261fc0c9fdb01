// Calls whose deadline passes.
import { Code } from "@connectrpc/connect";
import { type Kind, methods } from "../../__test__/clients/echo-call.ts";
import { WAIT } from "../directives.ts";
import { failedWith } from "../expect.ts";
import { outcomeOf } from "../outcome.ts";
import type { Job } from "./job.ts";

const kinds = Object.keys(methods) as Kind[];

export const late: Job = {
  name: "a call whose deadline passes",
  weight: 8,
  async run(client, random) {
    const { error } = await outcomeOf(client, {
      kind: random.pick(kinds),
      requests: [{ text: WAIT, count: 2 }],
      timeoutMs: random.integer(1, 60),
    });
    failedWith(error, Code.DeadlineExceeded);
  },
};
