// Context values above others, for calls in process: the server reads what its client has set, and sets only its own.
import type { ContextKey, ContextValues } from "@connectrpc/connect";

/** Values that are read from `upper`, then from `lower`, and set in `upper` only. */
export function layered(upper: ContextValues, lower: ContextValues): ContextValues {
  return new LayeredValues(upper, lower);
}

class LayeredValues implements ContextValues {
  readonly #upper: ContextValues;
  readonly #lower: ContextValues;
  /** Set or deleted here: what lies below does not count any more. */
  readonly #own = new Set<symbol>();

  constructor(upper: ContextValues, lower: ContextValues) {
    this.#upper = upper;
    this.#lower = lower;
  }

  get<T>(key: ContextKey<T>): T {
    const value = this.#upper.get(key);
    // There is no way to ask whether a value is set.
    return this.#own.has(key.id) || value !== key.defaultValue ? value : this.#lower.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#own.add(key.id);
    this.#upper.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#own.add(key.id);
    this.#upper.delete(key);
    return this;
  }
}
