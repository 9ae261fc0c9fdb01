// The handlers of both servers. The text of each request tells them what to do: see directives.ts.
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter, ServiceImpl } from "@connectrpc/connect";
import { EchoRequestSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { Configuration } from "./configuration.ts";
import { follow } from "./directives.ts";

/** Invalid responses of a handler, by the text that asks for them. */
const wrongAnswers: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["nothing", undefined],
  ["null", null],
  ["a string", "a string"],
  ["another message", create(EchoRequestSchema)],
  ["a wrong field", { text: 1 }],
]);

const handlers: ServiceImpl<typeof EchoService> = {
  async echo({ text, payload }, context) {
    // TypeScript rejects this; JavaScript does not.
    if (wrongAnswers.has(text)) return wrongAnswers.get(text) as never;
    return { text: await follow(text, context), payload };
  },
  async echoGet({ text, payload }, context) {
    return { text: await follow(text, context), payload };
  },
  /** Directives after `|` run when the messages have been sent. */
  async *echoServerStream({ text, count, payload }, context) {
    const [before = "", after = ""] = text.split("|");
    const answer = await follow(before, context);
    for (let index = 0; index < count; index++) yield { text: answer, index, payload };
    await follow(after, context);
  },
  /** The text `enough` is the last one read. */
  async echoClientStream(requests, context) {
    const answers: string[] = [];
    for await (const { text } of requests) {
      if (text === "enough") break;
      answers.push(await follow(text, context));
    }
    return { text: answers.join(","), index: answers.length };
  },
  /** The text `enough` is the last one read. */
  async *echoBidiStream(requests, context) {
    let index = 0;
    for await (const { text, payload } of requests) {
      if (text === "enough") break;
      yield { text: await follow(text, context), index, payload };
      index += 1;
    }
  },
};

/** The served methods: all, unless the configuration says otherwise. */
export function routesFor(configuration: Configuration): (router: ConnectRouter) => void {
  const served = configuration === "partial" ? { echo: handlers.echo } : handlers;
  return (router) => void router.service(EchoService, served);
}
