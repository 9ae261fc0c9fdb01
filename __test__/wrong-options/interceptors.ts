// Wrong options of the interceptors. The texts about numbers are part of the contract.
import {
  type BulkheadOptions,
  type CircuitBreakerOptions,
  createBulkheadInterceptor,
  createCircuitBreakerInterceptor,
  createDefaultInterceptors,
  createErrorHandlerInterceptor,
  createFallbackInterceptor,
  createLoggerInterceptor,
  createRetryInterceptor,
  createSerializerInterceptor,
  createTimeoutInterceptor,
  type DefaultInterceptorOptions,
  type ErrorHandlerOptions,
  type FallbackOptions,
  type LoggerOptions,
  type RetryOptions,
  type SerializerOptions,
  type TimeoutOptions,
} from "@connectum/interceptors";
import type { OptionsObject } from "./options-object.ts";

/** Uses options of any type, as JavaScript may. */
const using = (factory: unknown) => factory as (options: unknown) => unknown;

export const timeout: OptionsObject<TimeoutOptions> = {
  name: "createTimeoutInterceptor",
  prefix: "",
  use: using(createTimeoutInterceptor),
  wrong: {
    duration: [
      [{ duration: "5s" }, "Error: duration must be a positive finite number"],
      [{ duration: 0 }, "Error: duration must be a positive finite number"],
      [
        { duration: 2 ** 31 },
        "Error: duration must be at most 2147483647 ms, the longest a timer can wait, not 2147483648",
      ],
    ],
    skipStreaming: [
      [{ skipStreaming: "no" }, 'TypeError: createTimeoutInterceptor: skipStreaming must be true or false, not "no"'],
    ],
  },
  mistaken: { timeout: "duration" },
};

export const bulkhead: OptionsObject<BulkheadOptions> = {
  name: "createBulkheadInterceptor",
  prefix: "",
  use: using(createBulkheadInterceptor),
  wrong: {
    capacity: [
      [{ capacity: "10" }, "Error: capacity must be a positive finite number"],
      [{ capacity: 0 }, "Error: capacity must be a positive finite number"],
    ],
    queueSize: [[{ queueSize: -1 }, "Error: queueSize must be a non-negative finite number"]],
    skipStreaming: [
      [{ skipStreaming: 0 }, "TypeError: createBulkheadInterceptor: skipStreaming must be true or false, not 0"],
    ],
    perMethod: [
      [{ perMethod: "yes" }, 'TypeError: createBulkheadInterceptor: perMethod must be true or false, not "yes"'],
    ],
    onReject: [[{ onReject: {} }, "TypeError: createBulkheadInterceptor: onReject must be a function, not an object"]],
  },
  mistaken: { maxConcurrent: "capacity" },
};

export const circuitBreaker: OptionsObject<CircuitBreakerOptions> = {
  name: "createCircuitBreakerInterceptor",
  prefix: "",
  use: using(createCircuitBreakerInterceptor),
  wrong: {
    threshold: [
      [{ threshold: null }, "Error: threshold must be a positive finite number"],
      [{ threshold: 0 }, "Error: threshold must be a positive finite number"],
    ],
    halfOpenAfter: [
      [{ halfOpenAfter: Number.NaN }, "Error: halfOpenAfter must be a non-negative finite number"],
      [{ halfOpenAfter: -1 }, "Error: halfOpenAfter must be a non-negative finite number"],
    ],
    skipStreaming: [
      [
        { skipStreaming: null },
        "TypeError: createCircuitBreakerInterceptor: skipStreaming must be true or false, not null",
      ],
    ],
    failurePredicate: [
      [
        { failurePredicate: [14] },
        "TypeError: createCircuitBreakerInterceptor: failurePredicate must be a function, not an array",
      ],
    ],
    perMethod: [
      [{ perMethod: 1 }, "TypeError: createCircuitBreakerInterceptor: perMethod must be true or false, not 1"],
    ],
    onStateChange: [
      [
        { onStateChange: "log" },
        'TypeError: createCircuitBreakerInterceptor: onStateChange must be a function, not "log"',
      ],
    ],
  },
  mistaken: { resetTimeout: "halfOpenAfter" },
};

export const retry: OptionsObject<RetryOptions> = {
  name: "createRetryInterceptor",
  prefix: "",
  use: using(createRetryInterceptor),
  wrong: {
    maxRetries: [
      [{ maxRetries: "3" }, "Error: maxRetries must be a non-negative finite number"],
      [{ maxRetries: Number.POSITIVE_INFINITY }, "Error: maxRetries must be a non-negative finite number"],
    ],
    initialDelay: [[{ initialDelay: -1 }, "Error: initialDelay must be a non-negative finite number"]],
    maxDelay: [[{ maxDelay: "5s" }, "Error: maxDelay must be a non-negative finite number"]],
    skipStreaming: [
      [{ skipStreaming: "true" }, 'TypeError: createRetryInterceptor: skipStreaming must be true or false, not "true"'],
    ],
    retryableCodes: [
      [{ retryableCodes: 14 }, "TypeError: createRetryInterceptor: retryableCodes must be an array, not 14"],
      [
        { retryableCodes: [14, "unavailable"] },
        `TypeError: createRetryInterceptor: retryableCodes[1] must be one of connect's Code, not "unavailable"`,
      ],
      [
        { retryableCodes: [503] },
        "TypeError: createRetryInterceptor: retryableCodes[0] must be one of connect's Code, not 503",
      ],
    ],
    idempotentOnly: [
      [{ idempotentOnly: 1 }, "TypeError: createRetryInterceptor: idempotentOnly must be true or false, not 1"],
    ],
  },
  mistaken: { attempts: "maxRetries", maxAttempts: "maxRetries" },
};

export const fallback: OptionsObject<FallbackOptions> = {
  name: "createFallbackInterceptor",
  prefix: "",
  use: using(createFallbackInterceptor),
  needed: { handler: () => ({}) },
  wrong: {
    handler: [
      [{ handler: { text: "" } }, "Error: handler must be a function"],
      [{ handler: undefined }, "Error: handler must be a function"],
    ],
    skipStreaming: [
      [{ skipStreaming: "no" }, 'TypeError: createFallbackInterceptor: skipStreaming must be true or false, not "no"'],
    ],
    failurePredicate: [
      [
        { failurePredicate: true },
        "TypeError: createFallbackInterceptor: failurePredicate must be a function, not true",
      ],
    ],
  },
};

export const errorHandler: OptionsObject<ErrorHandlerOptions> = {
  name: "createErrorHandlerInterceptor",
  prefix: "",
  use: using(createErrorHandlerInterceptor),
  wrong: {
    logErrors: [
      [{ logErrors: "all" }, 'TypeError: createErrorHandlerInterceptor: logErrors must be true or false, not "all"'],
    ],
    includeStackTrace: [
      [
        { includeStackTrace: 1 },
        "TypeError: createErrorHandlerInterceptor: includeStackTrace must be true or false, not 1",
      ],
    ],
    onError: [[{ onError: {} }, "TypeError: createErrorHandlerInterceptor: onError must be a function, not an object"]],
  },
};

export const logger: OptionsObject<LoggerOptions> = {
  name: "createLoggerInterceptor",
  prefix: "",
  use: using(createLoggerInterceptor),
  wrong: {
    level: [
      [
        { level: "verbose" },
        'RangeError: createLoggerInterceptor: level must be one of "debug", "info", "warn", "error", not "verbose"',
      ],
      [
        { level: 2 },
        'TypeError: createLoggerInterceptor: level must be one of "debug", "info", "warn", "error", not 2',
      ],
    ],
    skipHealthCheck: [
      [{ skipHealthCheck: 1 }, "TypeError: createLoggerInterceptor: skipHealthCheck must be true or false, not 1"],
    ],
    logger: [
      [
        { level: "info", logger: { debug() {} } },
        "TypeError: createLoggerInterceptor: logger must be an object with the methods info: it has no info",
      ],
      [
        { logger: "pino" },
        'TypeError: createLoggerInterceptor: logger must be an object with the methods debug: not "pino"',
      ],
    ],
  },
};

export const serializer: OptionsObject<SerializerOptions> = {
  name: "createSerializerInterceptor",
  prefix: "",
  use: using(createSerializerInterceptor),
  wrong: {
    skipGrpcServices: [
      [
        { skipGrpcServices: 1 },
        "TypeError: createSerializerInterceptor: skipGrpcServices must be true or false, not 1",
      ],
    ],
    alwaysEmitImplicit: [
      [
        { alwaysEmitImplicit: "yes" },
        'TypeError: createSerializerInterceptor: alwaysEmitImplicit must be true or false, not "yes"',
      ],
    ],
    ignoreUnknownFields: [
      [
        { ignoreUnknownFields: null },
        "TypeError: createSerializerInterceptor: ignoreUnknownFields must be true or false, not null",
      ],
    ],
  },
};

const switchError = (name: string, given: string) =>
  `TypeError: createDefaultInterceptors: ${name} must be a boolean or an object of options, not ${given}`;

export const defaults: OptionsObject<DefaultInterceptorOptions> = {
  name: "createDefaultInterceptors",
  prefix: "",
  use: using(createDefaultInterceptors),
  wrong: {
    errorHandler: [
      [{ errorHandler: 0 }, switchError("errorHandler", "0")],
      [
        { errorHandler: { onErr() {} } },
        'TypeError: createErrorHandlerInterceptor: there is no option "onErr". Did you mean "onError"?',
      ],
    ],
    fallback: [
      [{ fallback: () => ({}) }, switchError("fallback", "a function")],
      [{ fallback: {} }, "Error: handler must be a function"],
    ],
    timeout: [
      [{ timeout: 5_000 }, switchError("timeout", "5000")],
      [{ timeout: { duration: -1 } }, "Error: duration must be a positive finite number"],
    ],
    bulkhead: [[{ bulkhead: "on" }, switchError("bulkhead", '"on"')]],
    circuitBreaker: [[{ circuitBreaker: 5 }, switchError("circuitBreaker", "5")]],
    retry: [
      [{ retry: 3 }, switchError("retry", "3")],
      [
        { retry: { maxRetry: 3 } },
        'TypeError: createRetryInterceptor: there is no option "maxRetry". Did you mean "maxRetries"?',
      ],
    ],
    validation: [
      [{ validation: "off" }, 'TypeError: createDefaultInterceptors: validation must be true or false, not "off"'],
    ],
    serializer: [[{ serializer: "json" }, switchError("serializer", '"json"')]],
  },
};
