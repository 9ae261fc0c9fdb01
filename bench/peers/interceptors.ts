// The interceptors of connectum and connect-node, which have the same kind.
import type { Interceptor } from "@connectrpc/connect";
import type { Variant } from "./variant.ts";

const passOn: Interceptor = (next) => (request) => next(request);

/** As one does to give a call another signal, or other headers. */
const spread: Interceptor = (next) => (request) => next({ ...request });

/** Those of a variant: four that pass on, two that spread, or none. */
export function interceptorsOf(variant: Variant): Interceptor[] {
  if (variant === "passing") return [passOn, passOn, passOn, passOn];
  if (variant === "spreading") return [spread, spread];
  return [];
}
