// Unary calls with metadata, by POST and by GET.
import { createClient } from "@connectrpc/connect";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { same, sameBytes } from "../expect.ts";
import { success } from "../outcome.ts";
import type { Job } from "./job.ts";

export const unary: Job = {
  name: "unary",
  weight: 30,
  async run(client, random) {
    const text = random.text();
    const payload = random.bytes(random.integer(0, 4_000));
    const asked = `metadata ${random.integer(0, 1_000_000)}`;
    const { messages, header, trailer } = await success(client, {
      kind: "unary",
      requests: [{ text, payload }],
      metadata: [["x-ask", asked]],
    });
    same(
      messages.map((message) => message.text),
      [text],
      "the text",
    );
    sameBytes(messages[0]?.payload ?? new Uint8Array(), payload, "the payload");
    same([header.get("x-header"), trailer.get("x-trailer")], [asked, asked], "header and trailer");
  },
};

export const get: Job = {
  name: "GET",
  weight: 5,
  suits: ({ usesGet }) => usesGet,
  async run({ transport }, random) {
    if (transport === undefined) return;
    const text = random.text();
    const payload = random.bytes(random.integer(0, 500));
    const answer = await createClient(EchoService, transport).echoGet({ text, payload });
    same(answer.text, text, "the text");
    sameBytes(answer.payload, payload, "the payload");
  },
};
