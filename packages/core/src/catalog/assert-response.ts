// The check of what an interceptor returns, on either side of a call: a forgotten `return` is the usual mistake.

/** @throws TypeError for an interceptor that does not return what `next` resolves to */
export function assertResponse(response: unknown): void {
  if (typeof response === "object" && response !== null) return;
  const given = response === undefined || response === null ? String(response) : `a ${typeof response}`;
  throw new TypeError(
    `an interceptor returned ${given} instead of a response, such as the one that next() resolves to`,
  );
}
