// The identifier of a call, as other interceptors read it.
import { type ContextKey, createContextKey } from "@connectrpc/connect";
import type { AnyRequest } from "./chain.ts";

/** The context value with the identifier of a call; undefined without `createRequestIdInterceptor()`. */
export const requestIdKey: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "request id",
});

/** The identifier of a request; undefined without the interceptor. */
export function requestIdIn({ contextValues }: AnyRequest): string | undefined {
  // Mock requests of tests have no context values.
  return contextValues?.get(requestIdKey);
}

/** For the text of a log: ` (request …)`; empty without the interceptor. */
export function requestIdNote(request: AnyRequest): string {
  const id = requestIdIn(request);
  return id === undefined ? "" : ` (request ${id})`;
}
