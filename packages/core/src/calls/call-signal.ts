// The AbortSignal of a call: made when somebody looks at it, aborted by whatever ends the call.

/** The reason of every signal whose call has simply ended. One for all: making it costs more than a call does. */
const COMPLETED = new DOMException("the call has ended", "AbortError");

export class CallSignal {
  #controller: AbortController | undefined;
  #reason: unknown;
  /** Stops following another signal. */
  #unfollow: (() => void) | undefined;
  #listeners: Set<(reason: unknown) => void> | undefined;

  /** @param follow aborts this signal too, with its own reason */
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
   * Calls `listener` when it aborts, at once if it has. Without anything to follow no signal is made for it.
   *
   * @param listener must not throw
   * @returns stops listening
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

  /** Why the signal is aborted, or would be if somebody looked; undefined while it is not. */
  get reason(): unknown {
    return this.#reason;
  }

  /** The first reason stays. */
  abort(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#unfollow?.();
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
  }

  /** The call has ended. */
  complete(): void {
    this.abort(COMPLETED);
  }
}
