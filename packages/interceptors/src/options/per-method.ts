// The state of an interceptor, shared by all calls or by those of one method.
import type { DescMethod } from "@bufbuild/protobuf";

/**
 * Creates one state now, or one for each method when it is first needed.
 *
 * @returns a function that returns the state of a method; with `perMethod` it throws a TypeError without one
 */
export function stateFor<S>(
  perMethod: boolean,
  create: (method: DescMethod | undefined) => S,
): (method: DescMethod | undefined) => S {
  if (!perMethod) {
    const shared = create(undefined);
    return () => shared;
  }
  const states = new WeakMap<DescMethod, { readonly state: S }>();
  return (method) => {
    if (method === undefined) {
      throw new TypeError("with perMethod, each method has its own state: pass the descriptor of a method");
    }
    const known = states.get(method);
    if (known !== undefined) return known.state;
    const state = create(method);
    states.set(method, { state });
    return state;
  };
}
