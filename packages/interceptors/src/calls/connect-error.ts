// Conversion of thrown values to ConnectErrors.
import { Code, ConnectError } from "@connectrpc/connect";

/**
 * `ConnectError.from`, but `unknown` for values without a text, such as objects without a prototype, for which that
 * throws.
 */
export function connectErrorOf(thrown: unknown): ConnectError {
  try {
    return ConnectError.from(thrown);
  } catch {
    return new ConnectError("an error that cannot be read", Code.Unknown, undefined, undefined, thrown);
  }
}
