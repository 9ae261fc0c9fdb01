// Calls that are tried again.
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, type Interceptor } from "@connectrpc/connect";
import { MAX_TIMER_MS } from "@connectum/hooks";
import { ExponentialBackoff, type IBackoff } from "cockatiel";
import type { AnyRequest, Next } from "./chain.ts";
import { connectErrorOf } from "./connect-error.ts";
import { assertAtLeast } from "./option-checks.ts";
import { untilAborted } from "./until-aborted.ts";

export interface RetryOptions {
  /** How often a call is tried again: at most one more calls than this are made. Default 3. */
  maxRetries?: number;
  /** Scale of the waits between them, in milliseconds; 0 for none. Default 200. */
  initialDelay?: number;
  /** The longest wait, in milliseconds. Default 5,000. */
  maxDelay?: number;
  /** Whether calls with streams are let be. Default true. */
  skipStreaming?: boolean;
  /** Codes of errors after which it is worth it. Default `unavailable` and `resource_exhausted`. */
  retryableCodes?: Code[];
  /** Whether only methods are tried again that declare an `idempotency_level`. Default false. */
  idempotentOnly?: boolean;
}

/**
 * Calls again when a call fails with one of the codes, after waits that grow exponentially, with decorrelated jitter. A call whose
 * signal aborts, by cancellation or at its deadline, is not tried again, and does not wait to its end.
 *
 * @throws Error for numbers that are none
 */
export function createRetryInterceptor(options: RetryOptions = {}): Interceptor {
  const {
    maxRetries = 3,
    initialDelay = 200,
    maxDelay = 5_000,
    skipStreaming = true,
    idempotentOnly = false,
  } = options;
  assertAtLeast("maxRetries", maxRetries, 0);
  assertAtLeast("initialDelay", initialDelay, 0);
  assertAtLeast("maxDelay", maxDelay, 0);
  const retryable: ReadonlySet<Code> = new Set(options.retryableCodes ?? [Code.Unavailable, Code.ResourceExhausted]);
  const backoff = new ExponentialBackoff({ initialDelay, maxDelay: Math.min(maxDelay, MAX_TIMER_MS) });
  const isLetBe = (request: AnyRequest) =>
    (skipStreaming && request.stream) || (idempotentOnly && !isIdempotent(request.method));

  const again = async (error: unknown, next: Next, request: AnyRequest): ReturnType<Next> => {
    let wait: IBackoff<unknown> | undefined;
    let last = error;
    for (let retries = 0; retries < maxRetries && retryable.has(connectErrorOf(last).code); retries++) {
      // Mock requests of tests have no signal.
      if (request.signal?.aborted) break;
      wait = wait?.next(undefined) ?? backoff.next();
      await sleep(wait.duration, request);
      try {
        return await next(request);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  };
  return (next) => (request) => {
    if (isLetBe(request)) return next(request);
    try {
      return next(request).catch((error) => again(error, next, request));
    } catch (error) {
      return again(error, next, request);
    }
  };
}

/** By the declaration in the `.proto`, which methods of mock requests do not have. */
function isIdempotent({ idempotency = UNKNOWN }: DescMethod): boolean {
  return idempotency !== UNKNOWN;
}

const UNKNOWN = MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN;

/** cockatiel's own retry sleeps to the end, whoever has gone meanwhile. */
async function sleep(ms: number, request: AnyRequest): Promise<void> {
  if (ms === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiting = () =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
  await untilAborted(request, waiting).finally(() => clearTimeout(timer));
}
