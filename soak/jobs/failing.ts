// Calls that fail: errors with details and metadata, errors that are not for clients, messages that are too large.
import { Code } from "@connectrpc/connect";
import type { Kind } from "../../__test__/clients/echo-call.ts";
import { EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { BREAK, FAIL, refusal } from "../directives.ts";
import { failedWith, same } from "../expect.ts";
import { outcomeOf } from "../outcome.ts";
import type { Job } from "./job.ts";

/** The messages that come before the error, of two that were asked for. */
const before: Record<Kind, number> = { unary: 0, "server stream": 2, "client stream": 0, "bidi stream": 1 };
const kinds = Object.keys(before) as Kind[];

export const failing: Job = {
  name: "a call that fails",
  weight: 8,
  async run(client, random) {
    const kind = random.pick(kinds);
    const { messages, error } = await outcomeOf(client, { kind, requests: [{ text: FAIL, count: 2 }] });
    const failed = failedWith(error, refusal.code);
    same(failed.rawMessage, refusal.text, "the message of the error");
    same(failed.details.length, 1, "the number of details");
    same(
      failed.findDetails(EchoResponseSchema).map(({ text }) => text),
      [refusal.detail],
      "the detail",
    );
    const mayLose = client.losesTrailers && (kind === "server stream" || kind === "bidi stream");
    if (!mayLose) same(failed.metadata.get("x-reason"), refusal.reason, "the metadata of the error");
    // grpc-js ends a call with its error at once, whatever it has not passed on yet.
    const expected = client.dropsMessages ? Math.min(messages.length, before[kind]) : before[kind];
    same(messages.length, expected, "the messages before the error");
  },
};

export const breaking: Job = {
  name: "a call whose handler breaks",
  weight: 3,
  async run(client, random) {
    const kind = random.pick(kinds);
    const { error } = await outcomeOf(client, { kind, requests: [{ text: BREAK, count: 2 }] });
    same(failedWith(error, Code.Internal).rawMessage, "internal error", "what the client learns");
  },
};

export const tooLarge: Job = {
  name: "a message that is too large",
  weight: 1,
  async run(client, random) {
    const payload = random.bytes(4 * 1024 * 1024 + random.integer(1, 100_000));
    const { error } = await outcomeOf(client, { kind: "unary", requests: [{ payload }] });
    failedWith(error, Code.ResourceExhausted);
  },
};
