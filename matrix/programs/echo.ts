// The handlers: they echo, and obey a few words.
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { currentName } from "./request-name.ts";

export const echo: Omit<ServiceImpl<typeof EchoService>, "echoGet"> = {
  async echo({ text, payload }, context) {
    context.responseHeader.set("x-answered", text);
    return { text: await obey(text), payload };
  },
  async *echoServerStream({ text, count, payload }) {
    for (let index = 0; index < count; index += 1) yield { text: await obey(text), index, payload };
  },
  async echoClientStream(requests) {
    const texts: string[] = [];
    for await (const { text } of requests) texts.push(await obey(text));
    return { text: texts.join(",") };
  },
  async *echoBidiStream(requests) {
    let index = 0;
    for await (const { text } of requests) {
      yield { text: await obey(text), index };
      index += 1;
    }
  },
};

/** What a handler answers to a text. */
async function obey(text: string): Promise<string> {
  switch (text) {
    case "fail":
      throw new Error("a secret of the server's");
    case "refuse":
      throw new ConnectError("no such thing", 5);
    case "slow":
      await sleep(500);
      return text;
    case "never":
      return new Promise<string>(() => {});
    case "block":
      for (const end = Date.now() + 1_500; Date.now() < end; );
      return text;
    case "name":
      await sleep(Math.random() * 5); // So that calls overlap.
      return currentName() ?? "nobody";
    default:
      return text;
  }
}
