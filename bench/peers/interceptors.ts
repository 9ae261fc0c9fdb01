// The sets of interceptors that are measured. connectum and connect-node use the same ones.
import type { Interceptor } from "@connectrpc/connect";
import {
  createBulkheadInterceptor,
  createCircuitBreakerInterceptor,
  createDefaultInterceptors,
  createErrorHandlerInterceptor,
  createFallbackInterceptor,
  createLoggerInterceptor,
  createMethodFilterInterceptor,
  createRetryInterceptor,
  createTimeoutInterceptor,
} from "@connectum/interceptors";

const passOn: Interceptor = (next) => (request) => next(request);

/** Spreads the request, as an interceptor does that replaces the signal or a header. */
const spread: Interceptor = (next) => (request) => next({ ...request });

const service = "connectum.bench.v1.BenchService";

/** Sets by name, each created when a server uses it. */
const sets = {
  passing: () => [passOn, passOn, passOn, passOn],
  spreading: () => [spread, spread],
  "passing-1": () => [passOn],
  "passing-2": () => [passOn, passOn],
  default: () => createDefaultInterceptors(),
  "error-handler": () => [createErrorHandlerInterceptor()],
  "method-filter": () => [createMethodFilterInterceptor({ "*": [passOn], [`${service}/*`]: [passOn] })],
  "method-filter-elsewhere": () => [createMethodFilterInterceptor({ [`${service}/Fail`]: [passOn] })],
  timeout: () => [createTimeoutInterceptor()],
  bulkhead: () => [createBulkheadInterceptor({ capacity: 1_000 })],
  "circuit-breaker": () => [createCircuitBreakerInterceptor()],
  retry: () => [createRetryInterceptor()],
  fallback: () => [createFallbackInterceptor({ handler: () => ({}) })],
  // Its output would be measured, too.
  logger: () => [createLoggerInterceptor({ logger: () => {} })],
  all: () =>
    createDefaultInterceptors({
      fallback: { handler: () => ({}) },
      timeout: true,
      bulkhead: { capacity: 1_000 },
      circuitBreaker: true,
      retry: true,
    }),
} satisfies Record<string, () => Interceptor[]>;

/** The name of a set. */
export type InterceptorSet = keyof typeof sets;

/** The interceptors of a set; none for any other variant of a server. */
export function interceptorsOf(variant: string): Interceptor[] {
  return variant in sets ? sets[variant as InterceptorSet]() : [];
}
