// What an `exception` event says of an error.
import type { Exception } from "@opentelemetry/api";

/** For `Span.recordException()`, which takes the `code` of an error, such as 5, for its type. */
export function exceptionOf({ name, message, stack }: Error): Exception {
  return { name, message, ...(stack !== undefined && { stack }) };
}
