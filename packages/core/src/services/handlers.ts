// The handlers of a service, by method: looked up by name in an object, as at run time it may have anything there.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { nearestName, shown } from "@connectum/hooks";
import type { AnyHandler } from "./route.ts";

/**
 * The methods that have a handler, bound to the object that they belong to.
 *
 * @throws TypeError for a handler that is neither a function nor undefined
 */
export function handlersOf(service: DescService, implementation: unknown): Map<DescMethod, AnyHandler> {
  const isObject =
    (typeof implementation === "object" && implementation !== null) || typeof implementation === "function";
  if (!isObject) {
    throw new TypeError(`${service.typeName}: the handlers must be an object, not ${shown(implementation)}`);
  }
  const handlers = new Map<DescMethod, AnyHandler>();
  for (const method of service.methods) {
    const handler: unknown = Reflect.get(implementation, method.localName);
    if (handler === undefined) continue;
    assertHandler(method, handler);
    handlers.set(method, handler.bind(implementation));
  }
  return handlers;
}

/** @throws TypeError unless it is a function */
export function assertHandler(method: DescMethod, handler: unknown): asserts handler is AnyHandler {
  if (typeof handler === "function") return;
  const { parent, localName } = method;
  throw new TypeError(`${parent.typeName}: the handler "${localName}" must be a function, not ${shown(handler)}`);
}

/**
 * A warning for each function that no method has, while a method with a similar name has no handler. Only of plain
 * objects: a class has functions of its own.
 */
export function misnamedHandlers({ typeName, methods }: DescService, implementation: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(implementation);
  if (prototype !== Object.prototype && prototype !== null) return [];
  const names = new Set(methods.map(({ localName }) => localName));
  const missing = [...names].filter((name) => Reflect.get(implementation, name) === undefined);
  return Object.entries(implementation).flatMap(([name, value]) => {
    if (typeof value !== "function" || names.has(name)) return [];
    const nearest = nearestName(name, missing);
    // `greetHelper` is a helper, not a misspelt `greet`.
    if (nearest === undefined || (name.startsWith(nearest) && name.length > nearest.length + 1)) return [];
    return [`${typeName}: there is no method "${name}", and "${nearest}" has no handler. Did you mean "${nearest}"?`];
  });
}
