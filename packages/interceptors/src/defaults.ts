// The chain that most servers want.
import type { Interceptor } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";
import { type BulkheadOptions, createBulkheadInterceptor } from "./bulkhead.ts";
import { type CircuitBreakerOptions, createCircuitBreakerInterceptor } from "./circuit-breaker.ts";
import { createErrorHandlerInterceptor, type ErrorHandlerOptions } from "./error-handler.ts";
import { createFallbackInterceptor, type FallbackOptions } from "./fallback.ts";
import { createRetryInterceptor, type RetryOptions } from "./retry.ts";
import { createSerializerInterceptor, type SerializerOptions } from "./serializer.ts";
import { createTimeoutInterceptor, type TimeoutOptions } from "./timeout.ts";
import { createValidation } from "./validation.ts";

/** Each is off by `false`, on with its defaults by `true`, on with options by an object. Listed in their order, outermost first. */
export interface DefaultInterceptorOptions {
  /** Default true. */
  errorHandler?: boolean | ErrorHandlerOptions;
  /** Needs a `handler`, so `true` adds nothing. Default false. */
  fallback?: boolean | FallbackOptions;
  /** Default false. */
  timeout?: boolean | TimeoutOptions;
  /** Default false. */
  bulkhead?: boolean | BulkheadOptions;
  /** Default false. */
  circuitBreaker?: boolean | CircuitBreakerOptions;
  /** Default false. */
  retry?: boolean | RetryOptions;
  /** The rules of `buf.validate`, by `@connectrpc/validate`. Default true. */
  validation?: boolean;
  /**
   * Default false.
   *
   * @deprecated it does nothing
   */
  serializer?: boolean | SerializerOptions;
}

/**
 * The interceptors of this package in the order in which they work together: without options, error handler and validation.
 *
 * @returns a new array of new interceptors
 * @throws Error for options that one of them refuses, TypeError for one that is neither a boolean nor an object
 */
export function createDefaultInterceptors(options: DefaultInterceptorOptions = {}): Interceptor[] {
  const { errorHandler, fallback, timeout, bulkhead, circuitBreaker, retry, validation, serializer } = options;
  const optional = { fallback, timeout, bulkhead, circuitBreaker, retry, serializer };
  for (const [name, option] of Object.entries(optional)) assertSwitch(name, option);
  if (fallback === true) console.warn("createDefaultInterceptors: fallback: true adds nothing. Give { handler }.");
  const chain: Interceptor[] = [];
  if (errorHandler !== false) chain.push(createErrorHandlerInterceptor(given(errorHandler)));
  if (isObject(fallback)) chain.push(createFallbackInterceptor(fallback));
  if (isOn(timeout)) chain.push(createTimeoutInterceptor(given(timeout)));
  if (isOn(bulkhead)) chain.push(createBulkheadInterceptor(given(bulkhead)));
  if (isOn(circuitBreaker)) chain.push(createCircuitBreakerInterceptor(given(circuitBreaker)));
  if (isOn(retry)) chain.push(createRetryInterceptor(given(retry)));
  if (validation !== false) chain.push(createValidation());
  if (isOn(serializer)) chain.push(createSerializerInterceptor(given(serializer)));
  return chain;
}

/** A number, for one, would be taken for off. */
function assertSwitch(name: string, option: unknown): void {
  if (option === undefined || typeof option === "boolean" || typeof option === "object") return;
  throw new TypeError(
    `createDefaultInterceptors: ${name} must be a boolean or an object of options, not ${shown(option)}`,
  );
}

function isOn<T extends object>(option: boolean | T | undefined): option is true | T {
  return option === true || isObject(option);
}

/** The options of one that is on. */
function given<T extends object>(option: boolean | T | undefined): T | undefined {
  return isObject(option) ? option : undefined;
}

function isObject<T extends object>(option: boolean | T | undefined): option is T {
  return typeof option === "object" && option !== null;
}
