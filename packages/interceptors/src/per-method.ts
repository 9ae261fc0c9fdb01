// State of an interceptor: one for all calls, or one for each method.
import type { DescMethod } from "@bufbuild/protobuf";

/**
 * Makes one state now, or one for each method when it is first asked for.
 *
 * @returns what gives the state of a method. It throws a TypeError without the method when each has its own
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
    if (method === undefined)
      throw new TypeError("each method has a state of its own: say which one, by its descriptor");
    const known = states.get(method);
    if (known !== undefined) return known.state;
    const state = create(method);
    states.set(method, { state });
    return state;
  };
}
