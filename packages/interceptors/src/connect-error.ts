// What was thrown, as a ConnectError.
import { Code, ConnectError } from "@connectrpc/connect";

/** `ConnectError.from`, which throws for what has no text, an object without a prototype for one: that is `unknown` here. */
export function connectErrorOf(thrown: unknown): ConnectError {
  try {
    return ConnectError.from(thrown);
  } catch {
    return new ConnectError("an error that cannot be read", Code.Unknown, undefined, undefined, thrown);
  }
}
