// ServerReflectionInfo in JavaScript: messages come and go as objects, the answers are those of the index in Rust.
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { SchemaIndex } from "@connectum/core/schema";
import { abortable } from "./abortable.ts";

/**
 * The handler of one version, which has its own `request` and `response`.
 *
 * @param open gives what is asked; for each call, so that nothing is made of it before the first
 */
export function answerEach<Request extends DescMessage, Response extends DescMessage>(
  request: Request,
  response: Response,
  open: () => Promise<SchemaIndex>,
): (
  questions: AsyncIterable<MessageShape<Request>>,
  context: Pick<HandlerContext, "signal">,
) => AsyncIterable<MessageShape<Response>> {
  return async function* (questions, { signal }) {
    const index = await open();
    const answer = index.openStream();
    for await (const question of abortable(questions, signal))
      yield fromBinary(response, answer(toBinary(request, question)));
  };
}
