// Keeps JavaScript busy, like a handler that computes.

/** Blocks for this many milliseconds: no event, timer or promise is handled meanwhile. */
export function blockEventLoop(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
