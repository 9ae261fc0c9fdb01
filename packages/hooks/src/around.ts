// The composition of interceptors.

/**
 * Puts interceptors around `next`; the first is outermost.
 *
 * @typeParam Next the type that an interceptor takes and returns: a function of a request
 */
export function around<Next>(next: Next, interceptors: ReadonlyArray<(next: Next) => Next>): Next {
  let chain = next;
  // By index: it is called for each call, and a closure for each would cost more than the rest.
  for (let index = interceptors.length - 1; index >= 0; index--) {
    chain = (interceptors[index] as (next: Next) => Next)(chain);
  }
  return chain;
}
