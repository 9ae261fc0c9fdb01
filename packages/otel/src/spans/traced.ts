// Functions whose calls are spans.
import { assertFunction, assertKnownKeys, assertObject, assertString, type Keys, shown } from "@connectum/hooks";
import { type Attributes, context, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { exceptionOf } from "../conventions/exception.ts";
import { reportFault } from "../faults/report-fault.ts";
import { isError, textOf } from "../faults/thrown.ts";
import { getTracer } from "../provider/current-provider.ts";
import { parameterNames, recordArguments } from "./recorded-arguments.ts";

/** Changes the arguments that are recorded. */
export type ArgsFilter = (args: unknown[]) => unknown[];

export interface TracedOptions {
  /** The name of the spans. Default: the function's, else `anonymous`. */
  name?: string | undefined;
  /** Whether arguments, which may be secret, are recorded: all, or by name or position. Default false. */
  recordArgs?: boolean | string[] | undefined;
  /** Runs after the selection by `recordArgs`. */
  argsFilter?: ArgsFilter | undefined;
  /** Attributes of each span. */
  attributes?: Record<string, string | number | boolean> | undefined;
}

const KEYS = {
  name: true,
  recordArgs: true,
  argsFilter: true,
  attributes: true,
} as const satisfies Keys<TracedOptions>;

/** Functions that are wrapped already: a second span would say the same. */
const wrappers = new WeakSet<object>();

/** Has a function that calls a wrapper count as one. */
export function markTraced(fn: object): void {
  wrappers.add(fn);
}

/** Whether a function is one that {@link traced} returned, or a method of `traceAll()`. */
export function isTraced(fn: object): boolean {
  return wrappers.has(fn);
}

// biome-ignore lint/suspicious/noExplicitAny: with unknown, functions of specific arguments would not be assignable.
type AnyFunction = (...args: any[]) => any;

/**
 * The function, each call of which is a span that is active while it runs. Results, errors and `this` pass unchanged,
 * and a span that cannot be recorded is reported on the console.
 * The span of a promise ends when it settles; of anything else, also generators, when the function returns. A function
 * that is traced already is returned as it is.
 *
 * @throws TypeError for anything but a function, and for an invalid option
 */
export function traced<T extends AnyFunction>(fn: T, options: TracedOptions = {}): T {
  if (typeof fn !== "function") throw new TypeError(`traced: fn must be a function, not ${shown(fn)}`);
  assertKnownKeys(options, KEYS, { where: "traced" });
  assertString("traced", "name", options.name);
  assertRecordArgs("traced", options.recordArgs);
  assertFunction("traced", "argsFilter", options.argsFilter);
  assertObject("traced", "attributes", options.attributes);
  if (isTraced(fn)) return fn;
  const { name = fn.name || "anonymous", recordArgs = false, argsFilter: filter, attributes } = options;
  const names = Array.isArray(recordArgs) ? parameterNames(fn) : [];
  const terms = { recordArgs, filter, names };
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return inSpan(name, attributes, (span) => {
      if (span !== undefined) recordArguments(span, args, terms);
      return Reflect.apply(fn, this, args);
    });
  };
  Object.defineProperty(wrapper, "name", { value: name, configurable: true });
  Object.defineProperty(wrapper, "length", { value: fn.length, configurable: true });
  wrappers.add(wrapper);
  return wrapper as T;
}

/** @throws TypeError unless it is true, false, a list of names, or absent */
export function assertRecordArgs(where: string, value: unknown): void {
  const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
  if (value === undefined || typeof value === "boolean" || isList) return;
  throw new TypeError(`${where}: recordArgs must be true, false or an array of strings, not ${shown(value)}`);
}

function inSpan(name: string, attributes: Attributes | undefined, run: (span: Span | undefined) => unknown): unknown {
  const tracer = getTracer();
  const active = context.active();
  let span: Span;
  try {
    span = tracer.startSpan(name, attributes === undefined ? {} : { attributes }, active);
  } catch (fault) {
    // A sampler or a span processor that throws: the function runs without a span.
    reportFault(fault);
    return run(undefined);
  }
  let result: unknown;
  try {
    result = context.with(trace.setSpan(active, span), run, undefined, span);
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!isPromise(result)) {
    succeed(span);
    return result;
  }
  return result.then(
    (value) => {
      succeed(span);
      return value;
    },
    (error: unknown) => {
      fail(span, error);
      throw error;
    },
  );
}

/** A proxy that is revoked is none, and may be returned. */
function isPromise(value: unknown): value is Promise<unknown> {
  try {
    return value instanceof Promise;
  } catch {
    return false;
  }
}

function succeed(span: Span): void {
  try {
    span.setStatus({ code: SpanStatusCode.OK });
  } catch (fault) {
    reportFault(fault);
  }
  end(span);
}

function fail(span: Span, error: unknown): void {
  try {
    const message = isError(error) ? textOf(error) : shown(error);
    span.recordException(isError(error) ? exceptionOf(error) : message);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  } catch (fault) {
    reportFault(fault);
  }
  end(span);
}

function end(span: Span): void {
  try {
    span.end();
  } catch (fault) {
    reportFault(fault);
  }
}
