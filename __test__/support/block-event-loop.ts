// Keeps JavaScript busy, as a handler that computes does.

/** Runs until so many milliseconds are over: no event, timer or promise is handled meanwhile. */
export function blockEventLoop(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
