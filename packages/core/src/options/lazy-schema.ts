// Schemas of zod that are made when something of them is used first. Most programs never use one, and loading zod takes
// a quarter of the time in which this package loads.
import { createRequire } from "node:module";
import type * as Zod from "zod";

const require = createRequire(import.meta.url);
let zod: typeof Zod.z | undefined;

/**
 * Stands for the schema that `make` returns, in everything: methods, `instanceof`, being part of other schemas.
 *
 * @param make is called once, with zod's `z`
 */
export function lazySchema<Schema extends Zod.ZodType>(make: (z: typeof Zod.z) => Schema): Schema {
  let made: Schema | undefined;
  const schema = () => {
    zod ??= (require("zod") as typeof Zod).z;
    made ??= make(zod);
    return made;
  };
  return new Proxy({} as Schema, {
    get: (_, key) => Reflect.get(schema(), key),
    set: (_, key, value) => Reflect.set(schema(), key, value),
    has: (_, key) => Reflect.has(schema(), key),
    ownKeys: () => Reflect.ownKeys(schema()),
    getPrototypeOf: () => Reflect.getPrototypeOf(schema()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(schema(), key);
      // A proxy may not report a fixed property that its own target, which is empty, does not have.
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
