// What an `exception` event says of an error.
import type { Exception } from "@opentelemetry/api";
import { isError, textAt, textOf } from "../faults/thrown.ts";

/**
 * For `Span.recordException()`, which takes the `code` of an error, such as 5, for its type. Of what is no error its
 * text. Never throws.
 */
export function exceptionOf(thrown: unknown): Exception {
  if (!isError(thrown)) return textOf(thrown);
  const stack = textAt(thrown, "stack");
  return { name: textAt(thrown, "name") ?? "Error", message: textOf(thrown), ...(stack !== undefined && { stack }) };
}
