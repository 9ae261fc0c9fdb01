// Objects whose properties are made when somebody looks, and which all the same can be spread.

/** Asks one of these objects whether nobody has set a property of it. */
const UNCHANGED = Symbol("unchanged");

/**
 * A proxy's handler that shows the accessors of a class as own, enumerable properties of its instances: `{ ...instance }`
 * and `Object.keys` see them. Setting one replaces it, as with a plain object.
 *
 * Accessors that are really its own would cost more than the rest of a call: a closure each, for each instance.
 */
export function ownAccessors<T extends object>(prototype: T): ProxyHandler<T> {
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
  const isName = new Set<PropertyKey>(names);
  const define = (instance: T, name: PropertyKey, value: unknown) =>
    Reflect.defineProperty(instance, name, { value, writable: true, enumerable: true, configurable: true });
  return {
    // Of the instance itself, as its private fields are not the proxy's.
    get: (instance, name) => (name === UNCHANGED ? isBare(instance) : instance[name as keyof T]),
    set: define,
    ownKeys: (instance) => {
      const own = Reflect.ownKeys(instance);
      return own.length === 0 ? names : [...new Set<string | symbol>([...names, ...own])];
    },
    getOwnPropertyDescriptor: (instance, name) =>
      isName.has(name) && !Object.hasOwn(instance, name)
        ? { value: instance[name as keyof T], writable: true, enumerable: true, configurable: true }
        : Reflect.getOwnPropertyDescriptor(instance, name),
    // What is frozen must really have what it shows.
    preventExtensions: (instance) => {
      for (const name of names) if (!Object.hasOwn(instance, name)) define(instance, name, instance[name as keyof T]);
      return Reflect.preventExtensions(instance);
    },
  };
}

/** Whether an object is one shown by {@link ownAccessors}, with every property as it was made. A copy is not. */
export function isUnchanged(object: object): boolean {
  return Reflect.get(object, UNCHANGED) === true;
}

function isBare(instance: object): boolean {
  for (const _ in instance) return false;
  return true;
}
