// `connectum.prepare`: shows an interceptor its methods, before the first call.

/** The key of an interceptor's {@link Prepare}. A `@connectum/core` server calls it when it starts. */
export const PREPARE = Symbol.for("connectum.prepare");

/**
 * Gets the methods whose calls will pass through the interceptor. If it throws, the server does not start.
 *
 * @typeParam Method `DescMethod` of `@bufbuild/protobuf`, which this package does not depend on
 */
export type Prepare<Method> = (methods: readonly Method[]) => void;

/** Puts `prepare` under {@link PREPARE}. Returns the interceptor itself. */
export function withPrepare<Interceptor extends object, Method>(
  interceptor: Interceptor,
  prepare: Prepare<Method>,
): Interceptor {
  return Object.assign(interceptor, { [PREPARE]: prepare });
}

/**
 * Calls the function under {@link PREPARE}, if there is one.
 *
 * @throws whatever it throws
 */
export function callPrepare<Method>(interceptor: object, methods: readonly Method[]): void {
  const prepare: unknown = Reflect.get(interceptor, PREPARE);
  if (typeof prepare === "function") prepare.call(interceptor, methods);
}
