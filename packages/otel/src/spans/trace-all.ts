// Objects each method of which is traced.
import { assertFunction, assertKnownKeys, assertString, assertStrings, type Keys, shown } from "@connectum/hooks";
import { assertRecordArgs, isTraced, markTraced, traced } from "./traced.ts";

/** Changes the arguments that are recorded. */
export type MethodArgsFilter = (methodName: string, args: unknown[]) => unknown[];

export interface TraceAllOptions {
  /** The beginning of the spans' names. Default: the name of the object's class, else `Object`. */
  prefix?: string | undefined;
  /** The methods that are traced. Default: all. */
  include?: string[] | undefined;
  /** Methods that are not. It wins over `include`. */
  exclude?: string[] | undefined;
  /** As for `traced()`. Default false. */
  recordArgs?: boolean | string[] | undefined;
  /** Runs after the selection by `recordArgs`. */
  argsFilter?: MethodArgsFilter | undefined;
}

const KEYS = {
  prefix: true,
  include: true,
  exclude: true,
  recordArgs: true,
  argsFilter: true,
} as const satisfies Keys<TraceAllOptions>;

const proxies = new WeakSet<object>();

/**
 * A proxy of an object, whose methods are spans `<prefix>.<method>`, own and inherited ones with string keys, except
 * `constructor`. A method's `this` is the object itself: calls among its own methods are no spans, and private fields
 * work. A proxy that is one already is returned as it is.
 *
 * @throws TypeError for anything but an object, and for an invalid option
 */
export function traceAll<T extends object>(target: T, options: TraceAllOptions = {}): T {
  checkOptions(target, options);
  if (proxies.has(target)) return target;
  const { prefix = defaultPrefix(target), include, exclude, recordArgs, argsFilter } = options;
  /** By method: the function, which may be replaced, and its wrapper. */
  const made = new Map<string, { readonly method: object; readonly wrapper: unknown }>();
  const proxy = new Proxy(target, {
    get(of, key, receiver) {
      const value: unknown = Reflect.get(of, key, receiver);
      if (typeof key !== "string" || key === "constructor" || typeof value !== "function" || isTraced(value)) {
        return value;
      }
      if (exclude?.includes(key) || (include !== undefined && !include.includes(key))) return value;
      const before = made.get(key);
      if (before?.method === value) return before.wrapper;
      const wrapper = wrap(value as (...args: unknown[]) => unknown, key);
      made.set(key, { method: value, wrapper });
      return wrapper;
    },
  });
  const wrap = (method: (...args: unknown[]) => unknown, key: string) => {
    const span = traced(method, {
      name: `${prefix}.${key}`,
      recordArgs,
      argsFilter: argsFilter && ((args) => argsFilter(key, args)),
    });
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return Reflect.apply(span, this === proxy ? target : this, args);
    };
    Object.defineProperty(bound, "name", { value: span.name, configurable: true });
    Object.defineProperty(bound, "length", { value: method.length, configurable: true });
    markTraced(bound);
    return bound;
  };
  proxies.add(proxy);
  return proxy;
}

function checkOptions(target: unknown, options: TraceAllOptions): void {
  const where = "traceAll";
  if ((typeof target !== "object" || target === null) && typeof target !== "function") {
    throw new TypeError(`${where}: target must be an object, not ${shown(target)}`);
  }
  assertKnownKeys(options, KEYS, { where });
  assertString(where, "prefix", options.prefix);
  assertStrings(where, "include", options.include);
  assertStrings(where, "exclude", options.exclude);
  assertRecordArgs(where, options.recordArgs);
  assertFunction(where, "argsFilter", options.argsFilter);
}

function defaultPrefix(target: object): string {
  const made: unknown = Reflect.get(target, "constructor");
  return (typeof made === "function" && made.name) || "Object";
}
