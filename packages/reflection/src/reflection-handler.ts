// ServerReflectionInfo in JavaScript, with the responses of the index in Rust.
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { SchemaIndex } from "@connectum/core/schema";
import { abortable } from "./abortable.ts";

/**
 * The handler for one version of the service, which has its own messages.
 *
 * @param open returns the index; called once per stream, so that the index can be built at the first
 */
export function reflectionHandler<Request extends DescMessage, Response extends DescMessage>(
  request: Request,
  response: Response,
  open: () => Promise<SchemaIndex>,
): (
  requests: AsyncIterable<MessageShape<Request>>,
  context: Pick<HandlerContext, "signal">,
) => AsyncIterable<MessageShape<Response>> {
  return async function* (requests, { signal }) {
    const index = await open();
    const respond = index.openStream();
    for await (const message of abortable(requests, signal)) {
      yield fromBinary(response, respond(toBinary(request, message)));
    }
  };
}
