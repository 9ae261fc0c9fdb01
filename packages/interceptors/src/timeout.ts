// A time limit for calls.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { assertBoolean, assertKnownKeys, CallSignal, type Keys, MAX_TIMER_MS, markFactory } from "@connectum/hooks";
import type { AnyRequest, Next } from "./calls/chain.ts";
import { withSignal } from "./calls/with-signal.ts";

export interface TimeoutOptions {
  /** How long a call may take, in milliseconds: more than 0, at most 2,147,483,647. Default 30,000. */
  duration?: number | undefined;
  /** Whether streaming calls are exempt. If not, the limit applies until the response headers arrive. Default true. */
  skipStreaming?: boolean | undefined;
}

const WHERE = "createTimeoutInterceptor";

const KEYS = {
  duration: true,
  skipStreaming: true,
} as const satisfies Keys<TimeoutOptions>;

/**
 * Ends calls that take longer with `deadline_exceeded`: the caller gets the error at once, and the signal that the
 * handler and inner interceptors see aborts with it. The client's own deadline stays in force.
 *
 * @throws Error unless the duration is positive, finite, and within the range of a timer; TypeError for an unknown
 * option
 */
export function createTimeoutInterceptor(options: TimeoutOptions = {}): Interceptor {
  assertKnownKeys(options, KEYS, { where: WHERE, otherNames: { timeout: "duration" } });
  const { duration = 30_000, skipStreaming = true } = options;
  assertBoolean(WHERE, "skipStreaming", skipStreaming);
  assertDuration(duration);
  return (next) => (request) => {
    if (skipStreaming && request.stream) return next(request);
    return limited(next, request, duration);
  };
}

markFactory(createTimeoutInterceptor, `${WHERE}()`);

function assertDuration(duration: number): void {
  if (!Number.isFinite(duration) || duration <= 0) {
    throw new Error("duration must be a positive finite number", { cause: duration });
  }
  if (duration <= MAX_TIMER_MS) return;
  throw new Error(`duration must be at most ${MAX_TIMER_MS} ms, the longest a timer can wait, not ${duration}`);
}

/**
 * Uses a timer of the runtime, which keeps those of one duration in a list. cockatiel's timeout makes an
 * AbortController for each call and aborts it even after a success: several times the cost of a small call.
 */
function limited(next: Next, request: AnyRequest, duration: number): ReturnType<Next> {
  return new Promise((resolve, reject) => {
    const signal = new CallSignal(request);
    const timer = setTimeout(() => {
      const error = new ConnectError(`Request timeout after ${duration}ms`, Code.DeadlineExceeded);
      // First, so that the error of the aborted work comes too late.
      reject(error);
      signal.abort(error);
    }, duration);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      signal.end();
      reject(error);
    };
    try {
      next(withSignal(request, signal)).then((response) => {
        clearTimeout(timer);
        if (!response.stream) signal.end();
        resolve(response);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
