// A name for each call, by AsyncLocalStorage: an interceptor stores it, handlers read it wherever they are.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Interceptor } from "@connectrpc/connect";

const names = new AsyncLocalStorage<string>();

/** Runs the handler with the name that the request's `x-name` gives. */
export const remember: Interceptor = (next) => (request) =>
  names.run(request.header.get("x-name") ?? "", () => next(request));

export function currentName(): string | undefined {
  return names.getStore();
}
