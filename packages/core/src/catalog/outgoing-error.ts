// The error of a call to another service, as a handler gets it.
import { ConnectError } from "@connectrpc/connect";

/**
 * The same error, without the metadata that describes the body of a response: a handler that throws it would send a
 * response that contradicts itself.
 */
export function outgoingError(thrown: unknown): ConnectError {
  const error = ConnectError.from(thrown);
  for (const name of ["content-length", "content-type", "content-encoding"]) error.metadata.delete(name);
  return error;
}
