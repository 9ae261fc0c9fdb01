// A service that is in trouble is left alone for a while.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type StreamResponse } from "@connectrpc/connect";
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  CircuitState as PolicyState,
} from "cockatiel";
import { notify } from "./callback.ts";
import type { AnyRequest, AnyResponse, Next } from "./chain.ts";
import { connectErrorOf } from "./connect-error.ts";
import { type FailurePredicate, failurePredicateOf } from "./failure-predicate.ts";
import { assertAtLeast } from "./option-checks.ts";
import { stateFor } from "./per-method.ts";
import { untilAborted } from "./until-aborted.ts";
import { watched, withMessages } from "./watched-stream.ts";

export { defaultFailurePredicate } from "./failure-predicate.ts";

/** `closed`: calls pass. `open`: they are rejected. `half-open`: one call finds out, others wait for what it finds. */
export type CircuitState = "closed" | "open" | "half-open";

/** A circuit has changed. */
export interface CircuitStateChange {
  readonly state: CircuitState;
  readonly previous: CircuitState;
  /** Whose circuit it is, with `perMethod`. */
  readonly method?: DescMethod;
}

export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit, at least 1. Default 5. */
  threshold?: number;
  /** How long it stays open, in milliseconds. Then the next call is a probe. Default 30,000. */
  halfOpenAfter?: number;
  /** Whether calls with streams are let be. If not, a stream is judged by how it ends. Default true. */
  skipStreaming?: boolean;
  /** Which errors count. Default: `defaultFailurePredicate`. One that throws counts the error. */
  failurePredicate?: FailurePredicate;
  /** Whether each method has a circuit of its own. Default false: one for all. */
  perMethod?: boolean;
  /** Told of each change. What it throws goes to the console. */
  onStateChange?: (change: CircuitStateChange) => void;
}

export interface CircuitBreakerInterceptor extends Interceptor {
  /** How the circuit stands. `method` says which one is meant, with `perMethod`. */
  state(method?: DescMethod): CircuitState;
}

/**
 * Opens after so many failures in a row: calls are then rejected with `unavailable`. Any other outcome but a cancellation begins
 * the count anew, an error that is the service's answer too. A probe that is cancelled leaves the circuit open for another
 * `halfOpenAfter`. A call whose signal aborts is judged by the reason: one that ran into
 * a timeout is a failure, also when whoever serves it never answers.
 *
 * @throws Error for numbers that are none
 */
export function createCircuitBreakerInterceptor(options: CircuitBreakerOptions = {}): CircuitBreakerInterceptor {
  const { threshold = 5, halfOpenAfter = 30_000, skipStreaming = true, perMethod = false } = options;
  assertAtLeast("threshold", threshold, 1);
  assertAtLeast("halfOpenAfter", halfOpenAfter, 0);
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
      // Whoever waits for the verdict on another call may be cancelled meanwhile. A call that runs sees to it by itself.
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

/**
 * What became of a call. Errors of calls are results for the policy, which counts those that count and takes all others for
 * successes. Thrown to it are only errors that say nothing about the service.
 */
type Outcome =
  | { readonly failed: false; readonly response: AnyResponse }
  | { readonly failed: true; readonly error: unknown; readonly counts: boolean };

/** Whether the policy counts it. */
function isCounted(outcome: unknown): boolean {
  const { failed, counts } = outcome as { failed: boolean; counts?: boolean };
  return failed && counts === true;
}

/** One call that the circuit lets pass. */
class Attempt {
  readonly #circuit: CircuitBreakerPolicy;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #request: AnyRequest;
  /** Whether the circuit waits for what becomes of it. */
  #isProbe = false;

  constructor(circuit: CircuitBreakerPolicy, isFailure: (error: unknown) => boolean, request: AnyRequest) {
    this.#circuit = circuit;
    this.#isFailure = isFailure;
    this.#request = request;
  }

  /** @param deliver is given the response of a stream as soon as it begins: long before it is judged */
  async run(next: Next, deliver: (response: AnyResponse) => void): Promise<Outcome> {
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      return next(this.#request);
    };
    // Those who wait for a probe begin when the circuit is closed again.
    this.#isProbe = this.#circuit.state !== PolicyState.Closed;
    try {
      const response = await untilAborted(this.#request, begin);
      if (response.stream) await untilAborted(this.#request, () => this.#end(response, deliver));
      return { failed: false, response };
    } catch (error) {
      return hasBegun ? this.#judge(error) : this.#cancelled(error);
    }
  }

  /** The service has not answered. A probe without an answer has not found that all is well. */
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
   * Settles as the stream does. A probe is judged by its first message: others wait for it. If it fails after all, that counts
   * as a failure of its own.
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
    // Who reads the stream is told of the error by the stream.
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
  // Only by a method of the policy that nobody calls.
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
