// Compiled, never run: programs that use @connectum/interceptors.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  type BulkheadOptions,
  type CircuitBreakerOptions,
  createBulkheadInterceptor,
  createCircuitBreakerInterceptor,
  createDefaultInterceptors,
  createErrorHandlerInterceptor,
  createFallbackInterceptor,
  createLoggerInterceptor,
  createMethodFilterInterceptor,
  createRetryInterceptor,
  createSerializerInterceptor,
  createTimeoutInterceptor,
  type DefaultInterceptorOptions,
  type ErrorHandlerOptions,
  type FallbackOptions,
  type InterceptorFactory,
  type LoggerOptions,
  type MethodFilterMap,
  type RetryOptions,
  type SerializerOptions,
  type TimeoutOptions,
} from "@connectum/interceptors";
import type { DefaultInterceptorOptions as FromSubpath } from "@connectum/interceptors/defaults";

// contract: IF-1
// Factories, without arguments or with their options; a union of options gives a union of factories.
const bare: InterceptorFactory = () => (next) => next;
const configured: InterceptorFactory<TimeoutOptions> = createTimeoutInterceptor;
const either: InterceptorFactory<TimeoutOptions | RetryOptions> =
  createRetryInterceptor as InterceptorFactory<RetryOptions>;

// contract: COM-1, EXP-1
// Options: all are optional, except those of fallback and method filter.
const errorHandler: ErrorHandlerOptions = { logErrors: true, includeStackTrace: false, onError: ({ stack }) => stack };
const timeout: TimeoutOptions = { duration: 1, skipStreaming: false };
const bulkhead: BulkheadOptions = { capacity: 1, queueSize: 1, skipStreaming: false };
const circuitBreaker: CircuitBreakerOptions = {
  threshold: 1,
  halfOpenAfter: 1,
  skipStreaming: false,
  failurePredicate: (error, byDefault) => byDefault(error) && !(error instanceof ConnectError),
};
const retry: RetryOptions = { maxRetries: 1, initialDelay: 1, maxDelay: 1, retryableCodes: [Code.Aborted] };
const fallback: FallbackOptions<{ data: string[] }> = { handler: async () => ({ data: [] }), skipStreaming: false };
const serializer: SerializerOptions = { skipGrpcServices: true, alwaysEmitImplicit: true, ignoreUnknownFields: true };
const logger: LoggerOptions = {
  level: "info",
  skipHealthCheck: false,
  logger: (text, ...rest) => console.log(text, ...rest),
};
const methods: MethodFilterMap = { "*": [createLoggerInterceptor(logger)] };
const options: DefaultInterceptorOptions & FromSubpath = {
  errorHandler,
  timeout,
  bulkhead,
  circuitBreaker,
  retry,
  fallback,
  serializer,
};

/** Whatever compiles is used. */
export const chain: Interceptor[] = [
  bare(),
  configured({}),
  either({}),
  createErrorHandlerInterceptor(),
  createTimeoutInterceptor(),
  createBulkheadInterceptor(),
  createCircuitBreakerInterceptor(),
  createRetryInterceptor(),
  createSerializerInterceptor(),
  createFallbackInterceptor(fallback),
  createFallbackInterceptor({ handler: () => ({ message: "sorry" }) }),
  createMethodFilterInterceptor(methods),
  ...createDefaultInterceptors(),
  ...createDefaultInterceptors(options),
];

// @ts-expect-error: a fallback needs a handler
createFallbackInterceptor();
// @ts-expect-error: a filter needs methods
createMethodFilterInterceptor();
