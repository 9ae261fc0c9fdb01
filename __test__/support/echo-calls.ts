// Handlers, requests and responses of the echo service.
import type { Client, ServiceImpl } from "@connectrpc/connect";
import type { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

/** Handlers of some of its methods. */
export type EchoImpl = Partial<ServiceImpl<typeof EchoService>>;
export type EchoClient = Client<typeof EchoService>;

/** Echoes messages, for all four kinds of call. */
export const echoAll: EchoImpl = {
  echo: ({ text }) => ({ text }),
  async *echoServerStream({ text }) {
    yield { text, index: 0 };
    yield { text, index: 1 };
  },
  async echoClientStream(requests) {
    const all = [];
    for await (const { text } of requests) all.push(text);
    return { text: all.join() };
  },
  async *echoBidiStream(requests) {
    let index = 0;
    for await (const { text } of requests) yield { text, index: index++ };
  },
};

/** A request stream of these texts. */
export async function* texts(...all: string[]) {
  for (const text of all) yield { text };
}

/** Text and index of each response. */
export async function collect(responses: AsyncIterable<{ text: string; index: number }>) {
  const all: [string, number][] = [];
  for await (const { text, index } of responses) all.push([text, index]);
  return all;
}
