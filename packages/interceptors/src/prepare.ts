// Interceptors that look at the methods they are for before the first call.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";

/** Under this key an interceptor may have a function that a server calls when it starts. What it throws fails the start. */
export const PREPARE = Symbol.for("connectum.prepare");

/** Is given the methods whose calls will pass through the interceptor. */
export type Prepare = (methods: readonly DescMethod[]) => void;

/** Adds the function to an interceptor. */
export function withPrepare(interceptor: Interceptor, prepare: Prepare): Interceptor {
  return Object.assign(interceptor, { [PREPARE]: prepare });
}

/** Calls the function of an interceptor that has one. */
export function prepareWith(interceptor: Interceptor, methods: readonly DescMethod[]): void {
  const prepare: unknown = Reflect.get(interceptor, PREPARE);
  if (typeof prepare === "function") prepare(methods);
}
