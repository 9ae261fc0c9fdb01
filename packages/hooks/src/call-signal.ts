// The AbortSignal of a call, created on first use: most calls end before that.
import { type Abortable, type AbortListener, onAbort } from "./on-abort.ts";

/** The reason of every signal whose call has simply ended. One for all: making it costs more than a small call. */
const ENDED = new DOMException("the call has ended", "AbortError");

/** An AbortController whose signal may never exist. */
export class CallSignal {
  readonly #followed: Abortable | AbortSignal | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;
  /** Stops following; undefined while nothing is followed. */
  #unfollow: (() => void) | undefined;
  #listeners: Set<AbortListener> | undefined;

  /** @param followed aborts this signal too, with its own reason */
  constructor(followed?: Abortable | AbortSignal | undefined) {
    this.#followed = followed;
  }

  get(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#follow();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /**
   * Calls `listener` when the signal aborts, at once if it has aborted already. Makes no signal.
   *
   * @returns a function that stops listening
   */
  onAbort(listener: AbortListener): () => void {
    this.#follow();
    if (this.#isAborted) {
      listener(this.#reason);
      return doNothing;
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => void this.#listeners?.delete(listener);
  }

  /** The reason of the abort; undefined before it. */
  get reason(): unknown {
    return this.#reason;
  }

  /** The first reason stays. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#unfollow?.();
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
  }

  /** The call has ended: work that outlives it sees the signal abort. What it follows may live longer. */
  end(): void {
    this.abort(ENDED);
  }

  /** Only once somebody needs to know: what is followed may live longer than the call, and would remember it. */
  #follow(): void {
    if (this.#isAborted || this.#followed === undefined) return;
    this.#unfollow ??= onAbort(this.#followed, (reason) => this.abort(reason));
  }
}

const doNothing = () => {};
