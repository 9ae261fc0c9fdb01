// How many calls run at once, and how many more may wait.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from "cockatiel";
import { notify } from "./callback.ts";
import type { AnyRequest, Next } from "./chain.ts";
import { assertAtLeast } from "./option-checks.ts";
import { stateFor } from "./per-method.ts";
import { untilAborted } from "./until-aborted.ts";

/** How full a bulkhead is. */
export interface BulkheadUsage {
  /** Calls that run. */
  readonly active: number;
  readonly capacity: number;
  /** Calls that wait. One that was cancelled counts until it would have had its turn. */
  readonly queued: number;
  readonly queueSize: number;
}

export interface BulkheadOptions {
  /** Calls that may run at once, at least 1. Default 10. */
  capacity?: number;
  /** Calls that may wait, in their order; 0 for none. Default 10. */
  queueSize?: number;
  /** Whether calls with streams are let be. If not, one counts until the response's head is there. Default true. */
  skipStreaming?: boolean;
  /** Whether each method has a bulkhead of its own. Default false: one for all. */
  perMethod?: boolean;
  /** Told of each call that is rejected. What it throws goes to the console. */
  onReject?: (rejection: BulkheadUsage & { readonly method: DescMethod }) => void;
}

export interface BulkheadInterceptor extends Interceptor {
  /** How full it is now. `method` says which one is meant, with `perMethod`. */
  usage(method?: DescMethod): BulkheadUsage;
}

/**
 * Lets so many calls run and so many wait, and rejects the rest with `resource_exhausted`. A call whose signal aborts makes room
 * at once, and one that waits is then never begun.
 *
 * @throws Error for numbers that are none
 */
export function createBulkheadInterceptor(options: BulkheadOptions = {}): BulkheadInterceptor {
  const { capacity = 10, queueSize = 10, skipStreaming = true, perMethod = false, onReject } = options;
  assertAtLeast("capacity", capacity, 1);
  assertAtLeast("queueSize", queueSize, 0);
  const policyOf = stateFor(perMethod, () => bulkhead(capacity, queueSize));
  const usageOf = ({ executionSlots, queueSlots }: BulkheadPolicy): BulkheadUsage => ({
    active: capacity - executionSlots,
    capacity,
    queued: queueSize - queueSlots,
    queueSize,
  });
  const reject = (method: DescMethod, policy: BulkheadPolicy): never => {
    const usage = usageOf(policy);
    if (onReject !== undefined) notify("bulkhead", () => onReject({ ...usage, method }));
    const { active, queued } = usage;
    const text = `Bulkhead capacity exceeded (active: ${active}/${capacity}, queued: ${queued}/${queueSize})`;
    throw new ConnectError(text, Code.ResourceExhausted);
  };

  const interceptor: Interceptor = (next) => async (request) => {
    if (skipStreaming && request.stream) return next(request);
    const policy = policyOf(request.method);
    try {
      return await enter(policy, next, request);
    } catch (error) {
      if (error instanceof Full) return reject(request.method, policy);
      throw error;
    }
  };
  return Object.assign(interceptor, {
    usage: (method?: DescMethod) => usageOf(policyOf(method)),
  });
}

/** There was no room. Of one policy: a handler may have bulkheads of its own. */
class Full extends Error {}

/**
 * The policy is not given the signal: it would pass over a waiting call that was aborted without waking the next one. Such a
 * call takes its turn, and ends at once.
 */
async function enter(policy: BulkheadPolicy, next: Next, request: AnyRequest): ReturnType<Next> {
  let hasBegun = false;
  const run = () => {
    hasBegun = true;
    return untilAborted(request, () => next(request));
  };
  const execute = () => policy.execute(run);
  try {
    return await (policy.executionSlots > 0 ? execute() : untilAborted(request, execute));
  } catch (error) {
    throw !hasBegun && error instanceof BulkheadRejectedError ? new Full() : error;
  }
}
