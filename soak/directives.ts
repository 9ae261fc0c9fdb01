// Texts of requests that tell the handlers what to do. Any other text is echoed.
import { Code } from "@connectrpc/connect";

/** The call fails with {@link refusal}. */
export const FAIL = "fail";
/** The call fails with an error whose text is not for clients. */
export const BREAK = "break";
/** The call gets no more responses: its handler waits for the signal. */
export const WAIT = "wait";
/** The call takes {@link SLOW_MS} more. */
export const SLOW = "slow";

export const SLOW_MS = 80;

/** The error of a call with {@link FAIL}. */
export const refusal = {
  code: Code.FailedPrecondition,
  text: "no, not ü and €",
  reason: "because",
  detail: "a detail",
};

/** The error of a call with {@link BREAK}, for the log alone. */
export const CAUSE = "the cause that no client sees";
