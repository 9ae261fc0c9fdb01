// Rejecting calls to a failing service for a while, so that it can recover.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type StreamResponse } from "@connectrpc/connect";
import { assertBoolean, assertFunction, assertKnownKeys, type Keys, markFactory } from "@connectum/hooks";
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  CircuitState as PolicyState,
} from "cockatiel";
import type { AnyRequest, AnyResponse, Next } from "./calls/chain.ts";
import { connectErrorOf } from "./calls/connect-error.ts";
import { untilAborted } from "./calls/until-aborted.ts";
import { watched, withMessages } from "./calls/watched-stream.ts";
import { notify } from "./options/callback.ts";
import { type FailurePredicate, failurePredicateOf } from "./options/failure-predicate.ts";
import { assertAtLeast } from "./options/option-checks.ts";
import { stateFor } from "./options/per-method.ts";

export { defaultFailurePredicate } from "./options/failure-predicate.ts";

/**
 * `closed`: calls pass. `open`: they are rejected. `half-open`: one call probes the service, others wait for the
 * result.
 */
export type CircuitState = "closed" | "open" | "half-open";

/** A change of a circuit's state. */
export interface CircuitStateChange {
  readonly state: CircuitState;
  readonly previous: CircuitState;
  /** The method that the circuit belongs to, with `perMethod`. */
  readonly method?: DescMethod;
}

export interface CircuitBreakerOptions {
  /** How many consecutive failures open the circuit, at least 1. Default 5. */
  threshold?: number | undefined;
  /** How long it stays open, in milliseconds; the next call then is the probe. Default 30,000. */
  halfOpenAfter?: number | undefined;
  /** Whether streaming calls are exempt. If not, a stream counts by how it ends. Default true. */
  skipStreaming?: boolean | undefined;
  /** Which errors count as failures. Default: `defaultFailurePredicate`. If it throws, the error counts. */
  failurePredicate?: FailurePredicate | undefined;
  /** Whether each method has its own circuit. Default false: all methods share one. */
  perMethod?: boolean | undefined;
  /** Called for each change. Errors that it throws are written to the console. */
  onStateChange?: ((change: CircuitStateChange) => void) | undefined;
}

export interface CircuitBreakerInterceptor extends Interceptor {
  /** The current state. With `perMethod`, that of `method`'s circuit. */
  state(method?: DescMethod): CircuitState;
}

const WHERE = "createCircuitBreakerInterceptor";

const KEYS = {
  threshold: true,
  halfOpenAfter: true,
  skipStreaming: true,
  failurePredicate: true,
  perMethod: true,
  onStateChange: true,
} as const satisfies Keys<CircuitBreakerOptions>;

/**
 * Opens after `threshold` consecutive failures; calls are then rejected with `unavailable`. Every other outcome resets
 * the count, errors that do not count as failures included, but a cancellation. A cancelled probe leaves the circuit
 * open for another `halfOpenAfter`. An aborted call counts by its reason: a timeout is a failure, even if the service
 * never responds.
 *
 * @throws Error unless the limits are finite and large enough; TypeError for an unknown option
 */
export function createCircuitBreakerInterceptor(options: CircuitBreakerOptions = {}): CircuitBreakerInterceptor {
  assertKnownKeys(options, KEYS, { where: WHERE, otherNames: { resetTimeout: "halfOpenAfter" } });
  const { threshold = 5, halfOpenAfter = 30_000, skipStreaming = true, perMethod = false } = options;
  assertAtLeast("threshold", threshold, 1);
  assertAtLeast("halfOpenAfter", halfOpenAfter, 0);
  assertBoolean(WHERE, "skipStreaming", skipStreaming);
  assertBoolean(WHERE, "perMethod", perMethod);
  assertFunction(WHERE, "failurePredicate", options.failurePredicate);
  assertFunction(WHERE, "onStateChange", options.onStateChange);
  const isFailure = failurePredicateOf("circuit-breaker", options.failurePredicate);
  const circuitOf = stateFor(perMethod, (method) => {
    const breaker = new ConsecutiveBreaker(threshold);
    const circuit = circuitBreaker(handleWhenResult(isCounted), { halfOpenAfter, breaker });
    observe(circuit, method, options.onStateChange);
    return circuit;
  });

  const interceptor: Interceptor = (next) => (request) => {
    if (skipStreaming && request.stream) return next(request);
    const circuit = circuitOf(request.method);
    return new Promise((deliver, reject) => {
      const execute = () => circuit.execute(() => new Attempt(circuit, isFailure, request).run(next, deliver));
      // A call that waits for the result of a probe may be cancelled meanwhile. A running call handles that itself.
      const isWaiting = circuit.state === PolicyState.HalfOpen;
      (isWaiting ? untilAborted(request, execute) : execute()).then(
        (outcome) => {
          if (outcome.failed) reject(outcome.error);
          else deliver(outcome.response);
        },
        (error) => reject(error instanceof BrokenCircuitError ? openError(threshold) : error),
      );
    });
  };
  return Object.assign(interceptor, {
    state: (method?: DescMethod) => names[circuitOf(method).state],
  });
}

markFactory(createCircuitBreakerInterceptor, `${WHERE}()`);

/**
 * The outcome of a call. Errors are passed to the policy as results, of which it counts some as failures and takes the
 * rest for successes. Only errors that say nothing about the service are thrown to it.
 */
type Outcome =
  | { readonly failed: false; readonly response: AnyResponse }
  | { readonly failed: true; readonly error: unknown; readonly counts: boolean };

/** Whether the policy counts an outcome as a failure. */
function isCounted(outcome: unknown): boolean {
  const { failed, counts } = outcome as { failed: boolean; counts?: boolean };
  return failed && counts === true;
}

/** One call that the circuit lets pass. */
class Attempt {
  readonly #circuit: CircuitBreakerPolicy;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #request: AnyRequest;
  /** Whether the circuit waits for its outcome. */
  #isProbe = false;

  constructor(circuit: CircuitBreakerPolicy, isFailure: (error: unknown) => boolean, request: AnyRequest) {
    this.#circuit = circuit;
    this.#isFailure = isFailure;
    this.#request = request;
  }

  /** @param deliver gets a streaming response as soon as it starts, long before its outcome is known */
  async run(next: Next, deliver: (response: AnyResponse) => void): Promise<Outcome> {
    let hasStarted = false;
    const start = () => {
      hasStarted = true;
      return next(this.#request);
    };
    // Calls that waited for a probe start when the circuit is closed again.
    this.#isProbe = this.#circuit.state !== PolicyState.Closed;
    try {
      const response = await untilAborted(this.#request, start);
      if (response.stream) await untilAborted(this.#request, () => this.#end(response, deliver));
      return { failed: false, response };
    } catch (error) {
      return hasStarted ? this.#judge(error) : this.#cancelled(error);
    }
  }

  /** The service has not responded. A probe without a response must not close the circuit. */
  #cancelled(error: unknown): Outcome {
    if (!this.#isProbe) throw error;
    return { failed: true, error, counts: true };
  }

  #judge(error: unknown): Outcome {
    const counts = this.#isFailure(error);
    if (!counts && connectErrorOf(error).code === Code.Canceled) return this.#cancelled(error);
    return { failed: true, error, counts };
  }

  /**
   * Settles as the stream ends. A probe succeeds with its first message, because other calls wait for it. If it fails
   * later, that counts as another failure.
   */
  #end(response: StreamResponse, deliver: (response: StreamResponse) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let isJudged = false;
      const message = watched(response.message, {
        onMessage: () => {
          if (this.#circuit.state !== PolicyState.HalfOpen) return;
          isJudged = true;
          this.#isProbe = false;
          resolve();
        },
        onEnd: resolve,
        onError: (error) => {
          if (isJudged) this.#countLate(error);
          else reject(error);
          return error;
        },
      });
      deliver(withMessages(response, message));
    });
  }

  #countLate(error: unknown): void {
    // The reader of the stream gets the error from the stream.
    this.#circuit.execute(async () => this.#judge(error)).catch(() => {});
  }
}

function openError(threshold: number): ConnectError {
  return new ConnectError(`Circuit breaker is open (${threshold} consecutive failures)`, Code.Unavailable);
}

const names: Readonly<Record<PolicyState, CircuitState>> = {
  [PolicyState.Closed]: "closed",
  [PolicyState.Open]: "open",
  [PolicyState.HalfOpen]: "half-open",
  // Set only by a method of the policy that is never called here.
  [PolicyState.Isolated]: "open",
};

function observe(
  circuit: CircuitBreakerPolicy,
  method: DescMethod | undefined,
  onStateChange: CircuitBreakerOptions["onStateChange"],
): void {
  if (onStateChange === undefined) return;
  let previous = names[circuit.state];
  circuit.onStateChange((policyState) => {
    const state = names[policyState];
    const change = { state, previous, ...(method && { method }) };
    previous = state;
    notify("circuit-breaker", () => onStateChange(change));
  });
}
