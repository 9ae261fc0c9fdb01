// Shows interceptors that ask for it the methods they intercept, before the first call.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { Route } from "./route.ts";

/** Under this key an interceptor may have a function that takes the methods whose calls will pass through it. */
const PREPARE = Symbol.for("connectum.prepare");

/**
 * Calls that function of each interceptor that has one. Once, however many chains the interceptor is in.
 *
 * @throws whatever one of them throws
 */
export function prepareInterceptors(routes: readonly Route[]): void {
  const methods = new Map<Interceptor, DescMethod[]>();
  for (const { interceptors, method } of routes) {
    for (const interceptor of new Set(interceptors)) {
      const own = methods.get(interceptor);
      if (own === undefined) methods.set(interceptor, [method]);
      else own.push(method);
    }
  }
  for (const [interceptor, own] of methods) {
    const prepare: unknown = Reflect.get(interceptor, PREPARE);
    if (typeof prepare === "function") prepare.call(interceptor, own);
  }
}
