// Message events of a stream, for interceptors of others.
import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { exceptionOf } from "../conventions/exception.ts";
import {
  ATTR_RPC_MESSAGE_ID,
  ATTR_RPC_MESSAGE_TYPE,
  ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE,
  RPC_MESSAGE_EVENT,
} from "../conventions/names.ts";
import { textOf } from "../faults/thrown.ts";
import { estimateMessageSize } from "./message-size.ts";

/**
 * The same messages, each an event of the span when it is read, if `recordMessages` is true.
 *
 * @param endSpanOnComplete whether the span ends with the stream: an error is its status and an `exception` event
 */
export async function* wrapAsyncIterable<T>(
  iterable: AsyncIterable<T>,
  span: Span,
  direction: "SENT" | "RECEIVED",
  recordMessages: boolean,
  endSpanOnComplete = false,
): AsyncGenerator<T> {
  let id = 0;
  try {
    for await (const message of iterable) {
      id += 1;
      if (recordMessages) {
        span.addEvent(RPC_MESSAGE_EVENT, {
          [ATTR_RPC_MESSAGE_TYPE]: direction,
          [ATTR_RPC_MESSAGE_ID]: id,
          [ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE]: estimateMessageSize(message),
        });
      }
      yield message;
    }
  } catch (error) {
    if (endSpanOnComplete) {
      span.recordException(exceptionOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
    }
    throw error;
  } finally {
    if (endSpanOnComplete) span.end();
  }
}
