// Schemas of zod that are made when something of them is used first. Most programs never use one, and loading zod would
// be a good part of their start (docs/performance.md).
import { createRequire } from "node:module";
import type * as Zod from "zod";

/** What zod keeps of a schema: how another object becomes the same one. */
interface Internals<Schema> {
  readonly def: unknown;
  readonly constr: { init(schema: Schema, def: unknown): void };
  readonly deferred?: readonly (() => void)[] | undefined;
}

let zod: typeof Zod.z | undefined;

/**
 * The schema that `make` returns, in everything: methods, `instanceof`, identity, JSON Schema, part of other schemas.
 *
 * @param make is called once, with zod's `z`
 */
export function lazySchema<Schema extends Zod.ZodType>(make: (z: typeof Zod.z) => Schema): Schema {
  const target = {} as Schema;
  let isMade = false;
  // zod makes its schemas in this way, too: `init` gives an object the members of the schema. They refer to the proxy,
  // because it is the only one that others know: a second object would be another schema to zod's registries.
  const schema = () => {
    if (isMade) return target;
    isMade = true;
    zod ??= loadZod();
    const made = make(zod);
    Object.setPrototypeOf(target, Object.getPrototypeOf(made));
    const { constr, def } = made._zod as unknown as Internals<Schema>;
    constr.init(proxy, def);
    for (const finish of (target._zod as unknown as Internals<Schema>).deferred ?? []) finish();
    return target;
  };
  const proxy = new Proxy(target, {
    // With the proxy as `this`: zod binds methods when they are read first.
    get: (_, key, self) => Reflect.get(schema(), key, self),
    set: (_, key, value, self) => Reflect.set(schema(), key, value, self),
    has: (_, key) => Reflect.has(schema(), key),
    ownKeys: () => Reflect.ownKeys(schema()),
    defineProperty: (_, key, descriptor) => Reflect.defineProperty(schema(), key, descriptor),
    deleteProperty: (_, key) => Reflect.deleteProperty(schema(), key),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(schema(), key),
    getPrototypeOf: () => Reflect.getPrototypeOf(schema()),
    setPrototypeOf: (_, prototype) => Reflect.setPrototypeOf(schema(), prototype),
    isExtensible: () => Reflect.isExtensible(schema()),
    preventExtensions: () => Reflect.preventExtensions(schema()),
  });
  return proxy;
}

function loadZod(): typeof Zod.z {
  try {
    return (createRequire(import.meta.url)("zod") as typeof Zod).z;
  } catch (cause) {
    const remedy = "a bundler does not see that it is needed: keep @connectum/core external, or zod beside the bundle";
    throw new Error(`@connectum/core: zod does not load, which the schemas of environment variables need; ${remedy}`, {
      cause,
    });
  }
}
