// Objects whose properties are created on first use, and which can be spread nevertheless.

/** The key under which such an object says whether all its properties are as they were made. */
const UNCHANGED = Symbol("unchanged");

/**
 * A proxy's handler that shows the accessors of a class as own, enumerable properties of its instances: `Object.keys`
 * and a spread see them. They can be set and deleted like those of a plain object.
 *
 * `fixed` are accessors that are shown as properties which are not enumerable, and cannot be changed.
 *
 * Accessors defined on each instance would cost more than the rest of a call: a closure for each of them.
 */
export function ownAccessors<T extends object>(prototype: T, fixed: readonly string[] = []): ProxyHandler<T> {
  const isFixed = new Set<PropertyKey>(fixed);
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor" && !isFixed.has(name));
  const isName = new Set<PropertyKey>(names);
  const all = [...names, ...fixed];
  /** Makes a fixed property of the instance what it is shown as; a proxy may only show it then. */
  const fix = (instance: T, name: PropertyKey) => {
    if (Object.hasOwn(instance, name)) return;
    Reflect.defineProperty(instance, name, { value: instance[name as keyof T] });
  };
  const define = (object: object, name: PropertyKey, value: unknown) =>
    Reflect.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  const hasAccessors = (instance: T) => Reflect.getPrototypeOf(instance) === prototype;
  /** Whether a property is still the accessor of the class. */
  const isLazy = (instance: T, name: PropertyKey) =>
    isName.has(name) && !Object.hasOwn(instance, name) && hasAccessors(instance);
  /** Makes a plain object of the instance: it has the properties that it shows, and no accessors behind them. */
  const settle = (instance: T) => {
    for (const name of names) if (isLazy(instance, name)) define(instance, name, instance[name as keyof T]);
    for (const name of fixed) fix(instance, name);
    Reflect.setPrototypeOf(instance, Object.prototype);
  };
  return {
    // The getter runs on the instance: the proxy does not have its private fields.
    get: (instance, name) =>
      name === UNCHANGED ? isBare(instance) && hasAccessors(instance) : instance[name as keyof T],
    // The receiver is the proxy, or an object derived from it, which gets a property of its own.
    set: (instance, name, value, receiver) => {
      if (isFixed.has(name)) return false;
      return isLazy(instance, name) ? define(receiver, name, value) : Reflect.set(instance, name, value, receiver);
    },
    defineProperty: (instance, name, descriptor) => {
      if (isFixed.has(name)) fix(instance, name);
      return Reflect.defineProperty(instance, name, descriptor);
    },
    deleteProperty: (instance, name) => {
      if (isFixed.has(name)) return false;
      // The accessor would still be seen.
      if (isName.has(name)) settle(instance);
      return Reflect.deleteProperty(instance, name);
    },
    ownKeys: (instance) => {
      const own = Reflect.ownKeys(instance);
      if (!hasAccessors(instance)) return own;
      return own.length === 0 ? all : [...new Set<string | symbol>([...all, ...own])];
    },
    getOwnPropertyDescriptor: (instance, name) => {
      if (isFixed.has(name)) fix(instance, name);
      return isLazy(instance, name)
        ? { value: instance[name as keyof T], writable: true, enumerable: true, configurable: true }
        : Reflect.getOwnPropertyDescriptor(instance, name);
    },
    // A frozen object must really have the properties that it shows.
    preventExtensions: (instance) => {
      settle(instance);
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
