// A limit for calls that run at the same time, and for calls that wait.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { assertBoolean, assertFunction, assertKnownKeys, type Keys, markFactory } from "@connectum/hooks";
import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from "cockatiel";
import type { AnyRequest, Next } from "./calls/chain.ts";
import { untilAborted } from "./calls/until-aborted.ts";
import { notify } from "./options/callback.ts";
import { assertAtLeast } from "./options/option-checks.ts";
import { stateFor } from "./options/per-method.ts";

/** The load of a bulkhead. */
export interface BulkheadUsage {
  /** Running calls. */
  readonly active: number;
  readonly capacity: number;
  /** Waiting calls. A cancelled one counts until its turn would have come. */
  readonly queued: number;
  readonly queueSize: number;
}

export interface BulkheadOptions {
  /** How many calls may run at the same time, at least 1. Default 10. */
  capacity?: number | undefined;
  /** How many calls may wait, first in, first out; 0 for none. Default 10. */
  queueSize?: number | undefined;
  /** Whether streaming calls are exempt. If not, each counts until its response headers arrive. Default true. */
  skipStreaming?: boolean | undefined;
  /** Whether each method has its own bulkhead. Default false: all methods share one. */
  perMethod?: boolean | undefined;
  /** Called for each rejected call. Errors that it throws are written to the console. */
  onReject?: ((rejection: BulkheadUsage & { readonly method: DescMethod }) => void) | undefined;
}

export interface BulkheadInterceptor extends Interceptor {
  /** The current load. With `perMethod`, that of `method`. */
  usage(method?: DescMethod): BulkheadUsage;
}

const WHERE = "createBulkheadInterceptor";

const KEYS = {
  capacity: true,
  queueSize: true,
  skipStreaming: true,
  perMethod: true,
  onReject: true,
} as const satisfies Keys<BulkheadOptions>;

/**
 * Lets `capacity` calls run and `queueSize` calls wait, and rejects the rest with `resource_exhausted`. An aborted call
 * makes room at once; one that was waiting is never started.
 *
 * @throws Error unless the limits are finite and large enough; TypeError for an unknown option
 */
export function createBulkheadInterceptor(options: BulkheadOptions = {}): BulkheadInterceptor {
  assertKnownKeys(options, KEYS, { where: WHERE, otherNames: { maxConcurrent: "capacity" } });
  const { capacity = 10, queueSize = 10, skipStreaming = true, perMethod = false, onReject } = options;
  assertAtLeast("capacity", capacity, 1);
  assertAtLeast("queueSize", queueSize, 0);
  assertBoolean(WHERE, "skipStreaming", skipStreaming);
  assertBoolean(WHERE, "perMethod", perMethod);
  assertFunction(WHERE, "onReject", onReject);
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

markFactory(createBulkheadInterceptor, `${WHERE}()`);

/** This bulkhead has no room. Other errors of cockatiel may come from a bulkhead inside the handler. */
class Full extends Error {}

/**
 * The policy does not get the signal: it would skip an aborted call in its queue without waking the next one. Instead,
 * such a call takes its turn and ends at once.
 */
async function enter(policy: BulkheadPolicy, next: Next, request: AnyRequest): ReturnType<Next> {
  let hasStarted = false;
  const run = () => {
    hasStarted = true;
    return untilAborted(request, () => next(request));
  };
  const execute = () => policy.execute(run);
  try {
    return await (policy.executionSlots > 0 ? execute() : untilAborted(request, execute));
  } catch (error) {
    throw !hasStarted && error instanceof BulkheadRejectedError ? new Full() : error;
  }
}
