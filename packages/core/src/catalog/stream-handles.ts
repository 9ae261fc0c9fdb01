// The handles of calls whose requests are a stream.
import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BidiStreamHandle, ClientStreamHandle } from "./call-types.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { SendQueue, type Sent } from "./send-queue.ts";

/** Makes a call with these requests. */
export type OpenStream = (requests: AsyncIterable<Sent>, signal: AbortSignal) => Promise<AsyncIterable<Message>>;

/**
 * A call whose requests are a stream. It begins now.
 *
 * @param name of the method, for the error
 */
export function clientStream(
  open: OpenStream,
  canceledBy: AbortSignal | undefined,
  name: string,
): ClientStreamHandle<Sent, Message> {
  const requests = new SendQueue();
  const responses = new OutgoingMessages(
    (signal) => open(requests, signal),
    canceledBy,
    (error) => requests.fail(error ?? ended()),
  );
  const response = only(responses, name);
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
export function bidiStream(open: OpenStream, canceledBy: AbortSignal | undefined): BidiStreamHandle<Sent, Message> {
  const requests = new SendQueue(() => void responses.begin());
  const responses = new OutgoingMessages(
    (signal) => open(requests, signal),
    canceledBy,
    (error) => requests.fail(error ?? ended()),
  );
  return {
    send: (request) => requests.send(request),
    close: () => requests.end(),
    responses,
  };
}

/** The only response. An error behind it counts. */
async function only(responses: AsyncIterable<Message>, name: string): Promise<Message> {
  let first: Message | undefined;
  for await (const message of responses) first ??= message;
  if (first !== undefined) return first;
  throw new ConnectError(`ctx.stream: client-streaming "${name}" produced no response.`, Code.Internal);
}

/** For requests that come after the response. */
function ended(): ConnectError {
  return new ConnectError("the call has ended", Code.Canceled);
}
