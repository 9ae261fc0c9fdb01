// A custom interceptor that identifies the caller by a header.
import { Code, ConnectError, createContextKey, type Interceptor } from "@connectrpc/connect";

/** The caller, for handlers: `context.values.get(caller)`. */
export const caller = createContextKey("nobody");

/** Accepts calls with `authorization: Bearer <token>` and one of these tokens; rejects all others. */
export function requireToken(names: ReadonlyMap<string, string>): Interceptor {
  return (next) => async (request) => {
    const [scheme, token = ""] = (request.header.get("authorization") ?? "").split(" ");
    const name = scheme?.toLowerCase() === "bearer" ? names.get(token) : undefined;
    if (name === undefined) throw new ConnectError("the token is missing or unknown", Code.Unauthenticated);
    request.contextValues.set(caller, name);
    return next(request);
  };
}
