// Which errors say that a service is in trouble, and which are its answer.
import { Code, ConnectError } from "@connectrpc/connect";

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

/** The predicate of an option, or the default. One that throws counts the error, and the console is told. */
export function failurePredicateOf(label: string, predicate?: FailurePredicate): (error: unknown) => boolean {
  if (predicate === undefined) return defaultFailurePredicate;
  return (error) => {
    try {
      return predicate(error, defaultFailurePredicate);
    } catch (thrown) {
      console.error(`[${label}] failurePredicate threw — counting error as failure:`, thrown);
      return true;
    }
  };
}
