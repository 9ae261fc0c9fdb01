// The AbortSignal of a call: made when a handler looks at it, aborted by whatever ends the call.

/** The reason of signals whose calls have ended normally. Shared, as making one costs more than a small call. */
const COMPLETED = new DOMException("the call has ended", "AbortError");

export class CallSignal {
  #controller: AbortController | undefined;
  #reason: unknown;
  /** Stops following another signal. */
  #unfollow: (() => void) | undefined;
  #listeners: Set<(reason: unknown) => void> | undefined;

  /** @param follow a signal that aborts this one too, with its reason */
  get(follow: AbortSignal | undefined): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
      else if (follow?.aborted) this.abort(follow.reason);
      else if (follow !== undefined) {
        const onAbort = () => this.abort(follow.reason);
        follow.addEventListener("abort", onAbort);
        this.#unfollow = () => follow.removeEventListener("abort", onAbort);
      }
    }
    return this.#controller.signal;
  }

  /**
   * Calls `listener` when the signal aborts, at once if it has. Makes no signal unless there is one to follow.
   *
   * @param listener must not throw
   * @returns a function that stops listening
   */
  onAbort(listener: (reason: unknown) => void, follow: AbortSignal | undefined): () => void {
    if (follow !== undefined) this.get(follow);
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => void this.#listeners?.delete(listener);
  }

  /** Why the signal is aborted, or would be if it had been made; undefined while it is not. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Aborts with the first reason that is given; later ones are ignored. */
  abort(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#unfollow?.();
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
  }

  /** Aborts because the call has ended normally. */
  complete(): void {
    this.abort(COMPLETED);
  }
}
