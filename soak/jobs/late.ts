// Calls whose deadline passes.
import { Code, type ConnectError } from "@connectrpc/connect";
import { type Kind, methods } from "../../__test__/clients/echo-call.ts";
import type { SoakClient } from "../clients.ts";
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
    if (!isCutWhileSending(client, error)) failedWith(error, Code.DeadlineExceeded);
  },
};

/**
 * Whether a client of HTTP/1.1 was still sending its request when the deadline passed. The server responds and closes
 * the connection then, and a client as busy as this one may write once more before it reads, or before its own timer.
 */
function isCutWhileSending({ httpVersion }: SoakClient, error: ConnectError | undefined): boolean {
  const cause = error?.cause;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return httpVersion === "1.1" && (code === "EPIPE" || code === "ECONNRESET");
}
