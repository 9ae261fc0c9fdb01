// The spy: a function that records its calls, for every test runner.

/** One call of a spy. */
export interface MockCall<Args extends readonly unknown[] = readonly unknown[]> {
  readonly arguments: Args;
}

/** A function with a record of its calls. */
// biome-ignore lint/suspicious/noExplicitAny: a function of any form, as in the standard type `Parameters`
export interface MockFn<F extends (...args: any[]) => any> {
  (...args: Parameters<F>): ReturnType<F>;
  readonly mock: {
    /** The calls so far, in their order: always the same array. */
    readonly calls: ReadonlyArray<MockCall<Parameters<F>>>;
    /** How many calls there have been. */
    callCount(): number;
  };
}

/**
 * Wraps a function so that it records its calls. A call is recorded before the function runs, so one that throws is
 * there too. What it returns or throws passes through. `this` is not forwarded, and the result is no constructor.
 *
 * @throws TypeError for an `impl` that is no function
 */
// biome-ignore lint/suspicious/noExplicitAny: a function of any form, as in the standard type `Parameters`
export function createMockFn<F extends (...args: any[]) => any>(impl: F): MockFn<F> {
  if (typeof impl !== "function") throw new TypeError(`createMockFn: impl must be a function, not ${typeof impl}`);
  const calls: MockCall<Parameters<F>>[] = [];
  const spy = (...args: Parameters<F>): ReturnType<F> => {
    calls.push({ arguments: args });
    return impl(...args);
  };
  const mock: MockFn<F>["mock"] = { calls, callCount: () => calls.length };
  return Object.defineProperty(spy, "mock", { value: mock }) as MockFn<F>;
}
