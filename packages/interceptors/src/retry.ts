// Retries of failed calls.
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, type Interceptor } from "@connectrpc/connect";
import {
  assertArray,
  assertBoolean,
  assertKnownKeys,
  type Keys,
  MAX_TIMER_MS,
  markFactory,
  shown,
} from "@connectum/hooks";
import { ExponentialBackoff, type IBackoff } from "cockatiel";
import type { AnyRequest, Next } from "./calls/chain.ts";
import { connectErrorOf } from "./calls/connect-error.ts";
import { untilAborted } from "./calls/until-aborted.ts";
import { assertAtLeast } from "./options/option-checks.ts";

export interface RetryOptions {
  /** How many retries follow the first attempt at most. Default 3. */
  maxRetries?: number | undefined;
  /** The scale of the delays, in milliseconds; 0 for none. Default 200. */
  initialDelay?: number | undefined;
  /** The longest delay, in milliseconds. Default 5,000. */
  maxDelay?: number | undefined;
  /** Whether streaming calls are exempt. Default true. */
  skipStreaming?: boolean | undefined;
  /** Which codes are retried. Default: `unavailable` and `resource_exhausted`. */
  retryableCodes?: Code[] | undefined;
  /** Whether only methods that declare an `idempotency_level` are retried. Default false. */
  idempotentOnly?: boolean | undefined;
}

const WHERE = "createRetryInterceptor";

const KEYS = {
  maxRetries: true,
  initialDelay: true,
  maxDelay: true,
  skipStreaming: true,
  retryableCodes: true,
  idempotentOnly: true,
} as const satisfies Keys<RetryOptions>;

/**
 * Retries calls that fail with one of the codes, after exponentially growing delays with decorrelated jitter. An
 * aborted call, cancelled or past its deadline, is not retried, and its delay ends at once.
 *
 * @throws Error unless the numbers are finite and not negative; TypeError for an unknown option, and for codes that are
 * none
 */
export function createRetryInterceptor(options: RetryOptions = {}): Interceptor {
  assertKnownKeys(options, KEYS, { where: WHERE, otherNames: { attempts: "maxRetries", maxAttempts: "maxRetries" } });
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
  assertBoolean(WHERE, "skipStreaming", skipStreaming);
  assertBoolean(WHERE, "idempotentOnly", idempotentOnly);
  assertCodes(options.retryableCodes);
  const retryable: ReadonlySet<Code> = new Set(options.retryableCodes ?? [Code.Unavailable, Code.ResourceExhausted]);
  const backoff = new ExponentialBackoff({ initialDelay, maxDelay: Math.min(maxDelay, MAX_TIMER_MS) });
  const isExempt = (request: AnyRequest) =>
    (skipStreaming && request.stream) || (idempotentOnly && !isIdempotent(request.method));

  const retry = async (error: unknown, next: Next, request: AnyRequest): ReturnType<Next> => {
    let delay: IBackoff<unknown> | undefined;
    let last = error;
    for (let retries = 0; retries < maxRetries && retryable.has(connectErrorOf(last).code); retries++) {
      // Mock requests of tests have no signal.
      if (request.signal?.aborted) break;
      delay = delay?.next(undefined) ?? backoff.next();
      await sleep(delay.duration, request);
      try {
        return await next(request);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  };
  return (next) => (request) => {
    if (isExempt(request)) return next(request);
    try {
      return next(request).catch((error) => retry(error, next, request));
    } catch (error) {
      return retry(error, next, request);
    }
  };
}

markFactory(createRetryInterceptor, `${WHERE}()`);

function assertCodes(codes: unknown): void {
  assertArray(WHERE, "retryableCodes", codes);
  if (!Array.isArray(codes)) return;
  for (const [index, code] of codes.entries()) {
    if (typeof code === "number" && code in Code) continue;
    throw new TypeError(`${WHERE}: retryableCodes[${index}] must be one of connect's Code, not ${shown(code)}`);
  }
}

/** As declared in the `.proto`; the methods of mock requests declare nothing. */
function isIdempotent({ idempotency = UNKNOWN }: DescMethod): boolean {
  return idempotency !== UNKNOWN;
}

const UNKNOWN = MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN;

/** Ends early when the call is aborted, which the delays of cockatiel's own retry do not. */
async function sleep(ms: number, request: AnyRequest): Promise<void> {
  if (ms === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiting = () =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
  await untilAborted(request, waiting).finally(() => clearTimeout(timer));
}
