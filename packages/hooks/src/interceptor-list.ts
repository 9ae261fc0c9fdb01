// The check of a list of interceptors, with the two mistakes that people make: a list in the list, and a factory.
import { factoryCallOf } from "./interceptor-factory.ts";
import { assertArray } from "./option-checks.ts";
import { shown } from "./shown.ts";

/**
 * Checks what the elements are, and calls none of them.
 *
 * @param where names the options in errors: `createServer`, or a service
 * @throws TypeError unless `value` is an array of functions, or absent; for a factory that was not called
 */
export function assertInterceptors(where: string, option: string, value: unknown): void {
  assertArray(where, option, value);
  if (!Array.isArray(value)) return;
  // Unlike forEach, entries() sees the holes of an array too.
  for (const [index, element] of value.entries()) {
    const place = `${where}: ${option}[${index}]`;
    if (Array.isArray(element)) {
      const right = "Did you mean to spread it, as in `...createDefaultInterceptors()`?";
      throw new TypeError(`${place} must be a function, not an array. ${right}`);
    }
    if (typeof element !== "function") throw new TypeError(`${place} must be a function, not ${shown(element)}`);
    const call = factoryCallOf(element);
    if (call === undefined) continue;
    throw new TypeError(`${place} is a function that makes interceptors, not one. Did you mean \`${call}\`?`);
  }
}
