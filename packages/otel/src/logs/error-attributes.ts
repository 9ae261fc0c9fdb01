// The attributes of an error in a log record, by the semantic conventions.
import type { AnyValueMap } from "@opentelemetry/api-logs";
import { textAt, textOf } from "../faults/thrown.ts";

/** `exception.type`, `exception.message` and, if there is one, `exception.stacktrace`. Never throws. */
export function errorAttributes(error: Error): AnyValueMap {
  return exceptionAttributes(textAt(error, "name") ?? "Error", textOf(error), textAt(error, "stack"));
}

/** The same of its parts. */
export function exceptionAttributes(type: string, message: string, stack: string | undefined): AnyValueMap {
  return {
    "exception.type": type,
    "exception.message": message,
    ...(stack !== undefined && { "exception.stacktrace": stack }),
  };
}
