// The attributes of an error in a log record, by the semantic conventions.
import type { AnyValueMap } from "@opentelemetry/api-logs";

/** `exception.type`, `exception.message` and, if there is one, `exception.stacktrace`. */
export function errorAttributes(error: { name: string; message: string; stack?: string | undefined }): AnyValueMap {
  const { name, message, stack } = error;
  return {
    "exception.type": name,
    "exception.message": message,
    ...(stack !== undefined && { "exception.stacktrace": stack }),
  };
}
