// `connectum.factory`: marks functions that make interceptors, and are easily taken for one.

/** The key of how a factory is called. */
export const FACTORY = Symbol.for("connectum.factory");

/** Puts `call`, such as `createRetryInterceptor()`, under {@link FACTORY}. */
export function markFactory(factory: object, call: string): void {
  Object.defineProperty(factory, FACTORY, { value: call });
}

/** How the function is called if it is a factory of interceptors; undefined for everything else. Calls nothing. */
export function factoryCallOf(value: unknown): string | undefined {
  if (typeof value !== "function") return undefined;
  const call: unknown = Reflect.get(value, FACTORY);
  return typeof call === "string" ? call : undefined;
}
