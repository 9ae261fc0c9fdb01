// Calls that take too long.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { CallSignal, MAX_TIMER_MS } from "@connectum/hooks";
import type { AnyRequest, Next } from "./chain.ts";
import { withSignal } from "./with-signal.ts";

export interface TimeoutOptions {
  /** How long a call may take, in milliseconds: more than 0, at most 2,147,483,647. Default 30,000. */
  duration?: number;
  /** Whether calls with streams are let be. If not, the time ends with the response's head. Default true. */
  skipStreaming?: boolean;
}

/**
 * Ends calls that take longer with `deadline_exceeded`: the caller is told at once, and the signal that handler and inner
 * interceptors see aborts with the same error. The deadline that the client has set stays.
 *
 * @throws Error for a duration that is none
 */
export function createTimeoutInterceptor(options: TimeoutOptions = {}): Interceptor {
  const { duration = 30_000, skipStreaming = true } = options;
  assertDuration(duration);
  return (next) => (request) => {
    if (skipStreaming && request.stream) return next(request);
    return limited(next, request, duration);
  };
}

function assertDuration(duration: number): void {
  if (!Number.isFinite(duration) || duration <= 0) {
    throw new Error("duration must be a positive finite number", { cause: duration });
  }
  if (duration <= MAX_TIMER_MS) return;
  throw new Error(`duration must be at most ${MAX_TIMER_MS} ms, the longest a timer can wait, not ${duration}`);
}

/**
 * By a timer of the runtime, all of which wait in one list. cockatiel's timeout makes an AbortController for each call and
 * aborts it even when the call has ended well: several times the cost of a small call.
 */
function limited(next: Next, request: AnyRequest, duration: number): ReturnType<Next> {
  return new Promise((resolve, reject) => {
    const signal = new CallSignal(request);
    const timer = setTimeout(() => {
      const error = new ConnectError(`Request timeout after ${duration}ms`, Code.DeadlineExceeded);
      // First: what the aborted work says of it is no longer of interest.
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
