// A stream that is waited for no longer than its call has a reason to.

/**
 * What `source` gives, until `signal` aborts: then it throws the signal's reason, also while it waits.
 *
 * Clients keep streams open while they ask nothing, and a server that stops would wait for them.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let abort = () => {};
  const onAbort = () => abort();
  signal.addEventListener("abort", onAbort);
  try {
    while (true) {
      // A promise for each: a race with one that lives as long as the call would remember them all.
      const result = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        abort = () => reject(signal.reason);
        if (signal.aborted) abort();
        else iterator.next().then(resolve, reject);
      });
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // It may be waiting itself, and what it says then is of no interest.
    iterator.return?.().catch(() => {});
  }
}
