// The exports of `@connectum/interceptors`.
export {
  type BulkheadInterceptor,
  type BulkheadOptions,
  type BulkheadUsage,
  createBulkheadInterceptor,
} from "./bulkhead.ts";
export {
  type CircuitBreakerInterceptor,
  type CircuitBreakerOptions,
  type CircuitState,
  type CircuitStateChange,
  createCircuitBreakerInterceptor,
} from "./circuit-breaker.ts";
export { createDefaultInterceptors, type DefaultInterceptorOptions } from "./defaults.ts";
export { createErrorHandlerInterceptor, type ErrorHandlerOptions, type ErrorReport } from "./error-handler.ts";
export { createFallbackInterceptor, type FallbackOptions } from "./fallback.ts";
export type { InterceptorFactory } from "./interceptor-factory.ts";
export { createLoggerInterceptor, type LoggerOptions, type StructuredLogger } from "./logger.ts";
export { createMethodFilterInterceptor, type MethodFilterMap } from "./method-filter.ts";
export { defaultFailurePredicate } from "./options/failure-predicate.ts";
export { createRequestIdInterceptor, requestIdKey } from "./request-id.ts";
export { createRetryInterceptor, type RetryOptions } from "./retry.ts";
export { createSerializerInterceptor, type SerializerOptions } from "./serializer.ts";
export { createTimeoutInterceptor, type TimeoutOptions } from "./timeout.ts";
