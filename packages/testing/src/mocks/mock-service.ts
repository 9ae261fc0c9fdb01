// Services that tests put in the place of others.
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { isPlainObject, nearestName, shown } from "@connectum/hooks";

/** A service and its handlers. */
export interface MockService {
  readonly service: DescService;
  readonly impl: Partial<ServiceImpl<DescService>>;
}

/**
 * A service for `mockResolver()` and `createMockContext()`. Its handlers get connect's context; no interceptors of a
 * server run. A method without a handler fails with `unimplemented`.
 *
 * @throws TypeError for anything but the descriptor of a service, and for handlers of methods that it does not have
 */
export function mockService<S extends DescService>(service: S, impl: Partial<ServiceImpl<S>>): MockService {
  if (!isService(service)) {
    const right = "the descriptor of a service, which generated code exports";
    throw new TypeError(`mockService: the first argument must be ${right}, not ${shown(service)}`);
  }
  if (!isPlainObject(impl)) {
    throw new TypeError(`mockService: the handlers of ${service.typeName} must be an object, not ${shown(impl)}`);
  }
  checkHandlers(service, impl);
  return { service, impl };
}

/** An instance of a class may have more than handlers, so only the object's own functions count. */
function checkHandlers(service: DescService, impl: object): void {
  if (Object.getPrototypeOf(impl) !== Object.prototype) return;
  const methods = service.methods.map(({ localName }) => localName);
  for (const [name, handler] of Object.entries(impl)) {
    if (!methods.includes(name)) {
      const nearest = nearestName(name, methods);
      const right = nearest === undefined ? `It has ${methods.join(", ") || "none"}.` : `Did you mean "${nearest}"?`;
      throw new TypeError(`mockService: ${service.typeName} has no method "${name}". ${right}`);
    }
    if (handler === undefined || typeof handler === "function") continue;
    throw new TypeError(`mockService: ${service.typeName}.${name} must be a function, not ${shown(handler)}`);
  }
}

function isService(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}
