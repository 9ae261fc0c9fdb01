// What is wrong with the body of a request whose client is still there, and waits for a response.
import { Code, type ConnectError } from "@connectrpc/connect";

/** The error that a reader of the body gets. */
export class BodyFault extends DOMException {
  /** Of the response, if the handler does not give one. */
  readonly status: number;
  readonly statusText: string;

  constructor(message: string, name: string, status: number, statusText: string) {
    super(message, name);
    this.status = status;
    this.statusText = statusText;
  }
}

/** Undefined if the client has gone. */
export function faultOf(end: ConnectError): BodyFault | undefined {
  switch (end.code) {
    case Code.DeadlineExceeded:
      return new BodyFault(end.rawMessage, "TimeoutError", 408, "Request Timeout");
    case Code.InvalidArgument:
      return new BodyFault(end.rawMessage, "DataError", 400, "Bad Request");
    case Code.Unavailable:
    case Code.ResourceExhausted:
      return new BodyFault(end.rawMessage, "OperationError", 503, "Service Unavailable");
    case Code.Internal:
      return new BodyFault(end.rawMessage, "OperationError", 500, "Internal Server Error");
    default:
      return undefined;
  }
}
