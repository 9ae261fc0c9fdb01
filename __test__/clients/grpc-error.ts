// Converts the error of a gRPC client to a ConnectError. The clients leave the error details as bytes.
import { type Code, ConnectError } from "@connectrpc/connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";

/** The error with `code` and `text`, and the details from its trailers. */
export function grpcError(code: number, text: string, trailer = new Headers()): ConnectError {
  const error = new ConnectError(text, code as Code, trailer);
  error.details = findTrailerError(trailer)?.details ?? [];
  return error;
}
