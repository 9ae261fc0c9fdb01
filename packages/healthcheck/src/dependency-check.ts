// A check of a dependency of the server, run at an interval.
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import type { Logger } from "@connectum/core";
import { isThenable, shown } from "@connectum/hooks";
import { ServingStatus } from "./serving-status.ts";

/**
 * Checks whether a dependency is available: it is for `undefined`, `true` and `SERVING`, and is not for `false` and
 * other statuses. A check that throws, rejects, times out or returns anything else is `NOT_SERVING`. The log has the
 * reason, and so it does for one that returns `false` or `NOT_SERVING`.
 *
 * @param signal aborts when the check times out, or is stopped
 */
export type DependencyCheck = (signal: AbortSignal) => CheckResult | PromiseLike<CheckResult>;

/** The result of a check. */
// biome-ignore lint/suspicious/noConfusingVoidType: a check that succeeds need not return anything
export type CheckResult = void | boolean | ServingStatus;

/** The log for the reasons of failed checks: `console`, or the `logger` of a server. */
export type CheckLogger = Pick<Logger, "error">;

/** The timing of a check, and the receivers of its results. */
export interface Schedule {
  /** Milliseconds from the start of a run to that of the next. */
  readonly interval: number;
  /** The longest run, in milliseconds. */
  readonly timeout: number;
  readonly report: (status: ServingStatus) => void;
  readonly logger: CheckLogger;
}

/** Runs a check at once and then every `interval`, one run at a time. Its timers do not keep the process alive. */
export class RepeatedCheck {
  readonly #name: string;
  readonly #check: DependencyCheck;
  readonly #schedule: Schedule;
  /** A timer of `node:timers`: where global timers are plain numbers, those cannot be unref'd. */
  #timer: NodeJS.Timeout | undefined;
  /** Ends the current run; undefined once that has reported. */
  #abort: AbortController | undefined;
  #isRunning = false;
  /** The last reason in the log. A reason that stays the same is logged once. */
  #logged: string | undefined;

  constructor(name: string, check: DependencyCheck, schedule: Schedule) {
    this.#name = name;
    this.#check = check;
    this.#schedule = schedule;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#run(), this.#schedule.interval);
    this.#timer.unref();
    void this.#run();
  }

  /** The result of the current run is not reported. */
  stop(): void {
    clearInterval(this.#timer);
    this.#abort?.abort(new Error(`the health check '${this.#name}' has been stopped`));
    this.#abort = undefined;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const abort = new AbortController();
    this.#abort = abort;
    const { timeout } = this.#schedule;
    const limit = setTimeout(() => {
      const error = new Error(`it has not ended within ${timeout} ms`);
      abort.abort(error);
      this.#fail(abort, error);
    }, timeout);
    limit.unref();
    try {
      const result = await this.#check(abort.signal);
      const status = statusOf(result);
      if (status === ServingStatus.NOT_SERVING) this.#fail(abort, new Error(`it returned ${statusText(result)}`));
      else if (this.#report(abort, status)) this.#logged = undefined;
    } catch (error) {
      this.#fail(abort, error);
    } finally {
      clearTimeout(limit);
      this.#isRunning = false;
    }
  }

  #fail(run: AbortController, error: unknown): void {
    if (!this.#report(run, ServingStatus.NOT_SERVING)) return;
    const reason = reasonOf(error);
    if (reason === this.#logged) return;
    this.#logged = reason;
    this.#log(`health check '${this.#name}' failed, it is NOT_SERVING:`, error);
  }

  /** @returns false for a result that does not count, because the run has timed out or was stopped */
  #report(run: AbortController, status: ServingStatus): boolean {
    if (this.#abort !== run) return false;
    this.#abort = undefined;
    try {
      this.#schedule.report(status);
    } catch (error) {
      this.#log(`the result of the health check '${this.#name}' could not be recorded:`, error);
    }
    return true;
  }

  #log(what: string, error: unknown): void {
    try {
      const written: unknown = this.#schedule.logger.error(what, error);
      if (isThenable(written)) written.then(undefined, () => {});
    } catch {
      // Thrown from a timer, an error of the log would end the process.
    }
  }
}

/** Identifies a reason. A check may throw anything, even values without a text. */
function reasonOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "a value without a text";
  }
}

function statusText(result: unknown): string {
  return result === false ? "false" : "NOT_SERVING";
}

/** @throws TypeError for a value that is not a {@link CheckResult} */
function statusOf(result: unknown): ServingStatus {
  if (result === undefined || result === true) return ServingStatus.SERVING;
  if (result === false) return ServingStatus.NOT_SERVING;
  if (typeof result === "number" && ServingStatus[result] !== undefined) return result;
  throw new TypeError(`a check returns nothing, true, false or a ServingStatus, not ${shown(result)}`);
}
