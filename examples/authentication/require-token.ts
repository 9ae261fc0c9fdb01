// An interceptor of one's own: who calls is told by a header.
import { Code, ConnectError, createContextKey, type Interceptor } from "@connectrpc/connect";

/** Who calls, for handlers: `context.values.get(caller)`. */
export const caller = createContextKey("nobody");

/** Lets calls pass that bring `authorization: Bearer <token>`, with one of these tokens. */
export function requireToken(names: ReadonlyMap<string, string>): Interceptor {
  return (next) => async (request) => {
    const [scheme, token = ""] = (request.header.get("authorization") ?? "").split(" ");
    const name = scheme?.toLowerCase() === "bearer" ? names.get(token) : undefined;
    if (name === undefined) throw new ConnectError("a token is missing, or is none", Code.Unauthenticated);
    request.contextValues.set(caller, name);
    return next(request);
  };
}
