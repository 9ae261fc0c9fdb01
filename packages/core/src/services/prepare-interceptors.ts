// Shows interceptors that ask for it the methods they intercept, before the first call.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { callPrepare } from "@connectum/hooks";
import type { Route } from "./route.ts";

/**
 * Calls the function under `PREPARE` of each interceptor that has one. Once, however many chains the interceptor is in.
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
  for (const [interceptor, own] of methods) callPrepare(interceptor, own);
}
