// Objects whose properties are created on first use, and which can be spread nevertheless.

/** The key under which such an object says whether all its properties are as they were made. */
const UNCHANGED = Symbol("unchanged");

/**
 * A proxy's handler that shows the accessors of a class as own, enumerable properties of its instances: `Object.keys`
 * and a spread see them. Setting one replaces it, as with a plain object.
 *
 * Accessors defined on each instance would cost more than the rest of a call: a closure for each of them.
 */
export function ownAccessors<T extends object>(prototype: T): ProxyHandler<T> {
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
  const isName = new Set<PropertyKey>(names);
  const define = (instance: T, name: PropertyKey, value: unknown) =>
    Reflect.defineProperty(instance, name, { value, writable: true, enumerable: true, configurable: true });
  return {
    // The getter runs on the instance: the proxy does not have its private fields.
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
    // A frozen object must really have the properties that it shows.
    preventExtensions: (instance) => {
      for (const name of names) if (!Object.hasOwn(instance, name)) define(instance, name, instance[name as keyof T]);
      return Reflect.preventExtensions(instance);
    },
  };
}

/** Whether an object is shown by {@link ownAccessors} and has every property as it was made. False for a copy. */
export function isUnchanged(object: object): boolean {
  return Reflect.get(object, UNCHANGED) === true;
}

function isBare(instance: object): boolean {
  for (const _ in instance) return false;
  return true;
}
