// Tells errors of a failing service from errors that are its regular responses.
import { Code, ConnectError } from "@connectrpc/connect";
import { isThenable } from "@connectum/hooks";
import { complain } from "./complaint.ts";

const failures: ReadonlySet<Code> = new Set([
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.ResourceExhausted,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
]);

/** Decides whether an error is a failure; `defaultPredicate` is {@link defaultFailurePredicate}. */
export type FailurePredicate = (error: unknown, defaultPredicate: (error: unknown) => boolean) => boolean;

/**
 * True for `unknown`, `deadline_exceeded`, `resource_exhausted`, `internal`, `unavailable` and `data_loss`, and for
 * values that are not a `ConnectError`.
 */
export function defaultFailurePredicate(error: unknown): boolean {
  return !(error instanceof ConnectError) || failures.has(error.code);
}

/**
 * The predicate of an option, or the default. If it throws or returns a promise, the error counts as a failure, and
 * that is written to the console.
 */
export function failurePredicateOf(label: string, predicate?: FailurePredicate): (error: unknown) => boolean {
  if (predicate === undefined) return defaultFailurePredicate;
  return (error) => {
    try {
      const result: unknown = predicate(error, defaultFailurePredicate);
      if (!isThenable(result)) return Boolean(result);
      // Nobody awaits it, and an unhandled rejection ends the process.
      result.then(undefined, () => {});
      throw new TypeError("failurePredicate must return true or false, not a promise");
    } catch (thrown) {
      complain(`[${label}] failurePredicate threw — counting error as failure:`, thrown);
      return true;
    }
  };
}
