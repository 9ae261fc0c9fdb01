// The interceptor for clients.
import type { Interceptor } from "@connectrpc/connect";

/** Sends the token with each call. */
export function sendToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
