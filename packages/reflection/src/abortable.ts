// A stream that ends with its call.

/**
 * The values of `source` until `signal` aborts; then it throws the signal's reason, even while it waits for a value.
 *
 * Clients keep idle streams open, and a server that stops would wait for them.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let abort = () => {};
  const onAbort = () => abort();
  signal.addEventListener("abort", onAbort);
  try {
    while (true) {
      // A new promise for each value: racing one promise that lives as long as the call would leak a reaction for each.
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
    // Not awaited: the source may be waiting itself. Its error would come too late.
    iterator.return?.().catch(() => {});
  }
}
