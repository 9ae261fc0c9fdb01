// The default chain of interceptors.
import type { Interceptor } from "@connectrpc/connect";
import { assertBoolean, assertKnownKeys, type Keys, markFactory, shown } from "@connectum/hooks";
import { type BulkheadOptions, createBulkheadInterceptor } from "./bulkhead.ts";
import { type CircuitBreakerOptions, createCircuitBreakerInterceptor } from "./circuit-breaker.ts";
import { createErrorHandlerInterceptor, type ErrorHandlerOptions } from "./error-handler.ts";
import { createFallbackInterceptor, type FallbackOptions } from "./fallback.ts";
import { createRetryInterceptor, type RetryOptions } from "./retry.ts";
import { createSerializerInterceptor, type SerializerOptions } from "./serializer.ts";
import { createTimeoutInterceptor, type TimeoutOptions } from "./timeout.ts";
import { createValidation } from "./validation/validation.ts";

/**
 * The options of the default chain, in its order, outermost first. `false` leaves an interceptor out, `true` takes its
 * defaults, an object is its options.
 */
export interface DefaultInterceptorOptions {
  /** Default true. */
  errorHandler?: boolean | ErrorHandlerOptions | undefined;
  /** Needs a `handler`, so `true` adds nothing. Default false. */
  fallback?: boolean | FallbackOptions | undefined;
  /** Default false. */
  timeout?: boolean | TimeoutOptions | undefined;
  /** Default false. */
  bulkhead?: boolean | BulkheadOptions | undefined;
  /** Default false. */
  circuitBreaker?: boolean | CircuitBreakerOptions | undefined;
  /** Default false. */
  retry?: boolean | RetryOptions | undefined;
  /** The rules of `buf.validate`, by `@connectrpc/validate`. Default true. */
  validation?: boolean | undefined;
  /**
   * Default false.
   *
   * @deprecated It has no effect.
   */
  serializer?: boolean | SerializerOptions | undefined;
}

const WHERE = "createDefaultInterceptors";

const KEYS = {
  errorHandler: true,
  fallback: true,
  timeout: true,
  bulkhead: true,
  circuitBreaker: true,
  retry: true,
  validation: true,
  serializer: true,
} as const satisfies Keys<DefaultInterceptorOptions>;

/**
 * Creates the interceptors of this package, in the order in which they work together. Without options: error handler
 * and validation.
 *
 * @returns a new array of new interceptors
 * @throws Error for options that an interceptor rejects; TypeError for an unknown option, or one that is neither a
 * boolean nor an object
 */
export function createDefaultInterceptors(options: DefaultInterceptorOptions = {}): Interceptor[] {
  assertKnownKeys(options, KEYS, { where: WHERE });
  const { errorHandler, fallback, timeout, bulkhead, circuitBreaker, retry, validation, serializer } = options;
  const switches = { errorHandler, fallback, timeout, bulkhead, circuitBreaker, retry, serializer };
  for (const [name, option] of Object.entries(switches)) assertSwitch(name, option);
  // As with the others, null is no choice.
  assertBoolean(WHERE, "validation", validation ?? undefined);
  if (fallback === true) console.warn("createDefaultInterceptors: fallback: true adds nothing. Use { handler }.");
  const chain: Interceptor[] = [];
  if (errorHandler !== false) chain.push(createErrorHandlerInterceptor(optionsOf(errorHandler)));
  if (isObject(fallback)) chain.push(createFallbackInterceptor(fallback));
  if (isOn(timeout)) chain.push(createTimeoutInterceptor(optionsOf(timeout)));
  if (isOn(bulkhead)) chain.push(createBulkheadInterceptor(optionsOf(bulkhead)));
  if (isOn(circuitBreaker)) chain.push(createCircuitBreakerInterceptor(optionsOf(circuitBreaker)));
  if (isOn(retry)) chain.push(createRetryInterceptor(optionsOf(retry)));
  if (validation !== false) chain.push(createValidation());
  if (isOn(serializer)) chain.push(createSerializerInterceptor(optionsOf(serializer)));
  return chain;
}

markFactory(createDefaultInterceptors, `...${WHERE}()`);

/** A number, for instance, would silently count as `false`. */
function assertSwitch(name: string, option: unknown): void {
  if (option === undefined || typeof option === "boolean" || typeof option === "object") return;
  throw new TypeError(
    `createDefaultInterceptors: ${name} must be a boolean or an object of options, not ${shown(option)}`,
  );
}

function isOn<T extends object>(option: boolean | T | undefined): option is true | T {
  return option === true || isObject(option);
}

/** The options of an interceptor that is on; undefined for its defaults. */
function optionsOf<T extends object>(option: boolean | T | undefined): T | undefined {
  return isObject(option) ? option : undefined;
}

function isObject<T extends object>(option: boolean | T | undefined): option is T {
  return typeof option === "object" && option !== null;
}
