// The handles of calls whose requests are a stream.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BidiStreamHandle, ClientStreamHandle } from "./call-types.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { SendQueue, type Sent } from "./send-queue.ts";

/** Makes a call with these requests. */
export type OpenStream = (requests: AsyncIterable<Sent>, signal: AbortSignal) => Promise<AsyncIterable<Message>>;

/** A call whose requests are a stream. It begins now. */
export function clientStream(
  open: OpenStream,
  canceledBy: AbortSignal | undefined,
  { input, name }: DescMethod,
): ClientStreamHandle<Sent, Message> {
  const requests = new SendQueue(input);
  const response = only(responsesOf(open, requests, canceledBy), name);
  // It is thrown by `close`.
  response.catch(() => {});
  return {
    send: (request) => requests.send(request),
    close: () => {
      requests.end();
      return response;
    },
  };
}

/** A call that streams both ways. It begins when its responses are asked for, or when many requests wait. */
export function bidiStream(
  open: OpenStream,
  canceledBy: AbortSignal | undefined,
  { input }: DescMethod,
): BidiStreamHandle<Sent, Message> {
  const requests = new SendQueue(input, () => responses.begin());
  const responses = responsesOf(open, requests, canceledBy);
  return {
    send: (request) => requests.send(request),
    close: () => requests.end(),
    responses,
  };
}

/** The responses, whose end is that of the requests. */
function responsesOf(open: OpenStream, requests: SendQueue, canceledBy: AbortSignal | undefined): OutgoingMessages {
  const onEnd = (error: unknown) => (error === undefined ? requests.stop() : requests.fail(error));
  return new OutgoingMessages((signal) => open(requests, signal), canceledBy, onEnd);
}

/** The only response. An error behind it counts. */
async function only(responses: AsyncIterable<Message>, name: string): Promise<Message> {
  let first: Message | undefined;
  for await (const message of responses) first ??= message;
  if (first !== undefined) return first;
  throw new ConnectError(`ctx.stream: client-streaming "${name}" produced no response.`, Code.Internal);
}
