// The context values of a handler as its own calls have them: interceptors on the client's side read and set them, and
// a callee in the same process does not see them.
import type { ContextKey, ContextValues } from "@connectrpc/connect";

export class ClientOnlyValues implements ContextValues {
  readonly #owner: { readonly values: ContextValues };

  /** @param owner its values are read when they are asked for: most calls have no interceptor that does */
  constructor(owner: { readonly values: ContextValues }) {
    this.#owner = owner;
  }

  get<T>(key: ContextKey<T>): T {
    return this.#owner.values.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#owner.values.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#owner.values.delete(key);
    return this;
  }
}

/**
 * The values that an interceptor has passed on, which stay on the client's side if those of the call do.
 *
 * @param given the values of the call
 */
export function passedOn(values: ContextValues, given: ContextValues | undefined): ContextValues {
  const isLeaving = given instanceof ClientOnlyValues && !(values instanceof ClientOnlyValues);
  return isLeaving ? new ClientOnlyValues({ values }) : values;
}

/** The values that the handler of a call sees. */
export function valuesForHandler(values: ContextValues | undefined): ContextValues | undefined {
  return values instanceof ClientOnlyValues ? undefined : values;
}
