// What ends a call under test: its deadline, its caller, or the test.
import { Code, ConnectError } from "@connectrpc/connect";

/** The signal of a call, and the time that it has left. */
export class CallEnd {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  /** By the clock of `Date`, which fake timers can move. */
  readonly #at: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param timeoutMs undefined is no limit; 0 and less have expired
   * @param caller aborts the call with its reason
   */
  constructor(timeoutMs: number | undefined, caller: AbortSignal | undefined) {
    this.signal = caller === undefined ? this.#controller.signal : this.#followedBy(caller);
    if (timeoutMs === undefined) return;
    this.#at = Date.now() + timeoutMs;
    if (timeoutMs <= 0) this.abort(expired());
    else if (!this.signal.aborted) this.#start(timeoutMs);
  }

  /** In milliseconds; undefined without a limit, below 0 once it has passed. */
  timeoutMs(): number | undefined {
    return this.#at === undefined ? undefined : this.#at - Date.now();
  }

  abort(reason: unknown = new ConnectError("the call was canceled", Code.Canceled)): void {
    clearTimeout(this.#timer);
    this.#controller.abort(reason);
  }

  /**
   * Many contexts may follow one signal, and none of them is closed: so the signal must not hold them, nor warn about
   * its listeners.
   */
  #followedBy(caller: AbortSignal): AbortSignal {
    const { signal } = this.#controller;
    if (typeof AbortSignal.any === "function") return AbortSignal.any([caller, signal]);
    // Node before 20.3.
    if (caller.aborted) this.abort(caller.reason);
    const follow = () => this.abort(caller.reason);
    caller.addEventListener("abort", follow, { once: true });
    signal.addEventListener("abort", () => caller.removeEventListener("abort", follow), { once: true });
    return signal;
  }

  /** The timer of the runtime at that moment, so that fake timers work; it does not keep the process alive. */
  #start(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.abort(expired()), timeoutMs);
    unref(this.#timer);
  }
}

/** A timer is an object, or a number: Deno's, and those of some fakes, which keep nothing alive. */
function unref(timer: unknown): void {
  const { Deno } = globalThis as { Deno?: { unrefTimer?(timer: unknown): void } };
  if (typeof timer === "number") Deno?.unrefTimer?.(timer);
  else (timer as Partial<NodeJS.Timeout>).unref?.();
}

function expired(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
