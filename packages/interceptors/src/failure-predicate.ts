// Which errors say that a service is in trouble, and which are its answer.
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

/** Decides about an error; `defaultPredicate` is {@link defaultFailurePredicate}. */
export type FailurePredicate = (error: unknown, defaultPredicate: (error: unknown) => boolean) => boolean;

/**
 * True for `unknown`, `deadline_exceeded`, `resource_exhausted`, `internal`, `unavailable` and `data_loss`, and for whatever is
 * no `ConnectError`.
 */
export function defaultFailurePredicate(error: unknown): boolean {
  return !(error instanceof ConnectError) || failures.has(error.code);
}

/** The predicate of an option, or the default. One that throws, or answers with a promise, counts the error, and the console is told. */
export function failurePredicateOf(label: string, predicate?: FailurePredicate): (error: unknown) => boolean {
  if (predicate === undefined) return defaultFailurePredicate;
  return (error) => {
    try {
      const answer: unknown = predicate(error, defaultFailurePredicate);
      if (!isThenable(answer)) return Boolean(answer);
      // Nobody waits for it, and a rejection that nobody sees ends the process.
      answer.then(undefined, () => {});
      throw new TypeError("failurePredicate must answer with true or false, not with a promise");
    } catch (thrown) {
      complain(`[${label}] failurePredicate threw — counting error as failure:`, thrown);
      return true;
    }
  };
}
